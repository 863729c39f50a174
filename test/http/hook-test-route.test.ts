import { describe, expect, test } from "bun:test";
import type { TrialAnswer, TrialRequest } from "../../src/domain/trial.ts";
import { createApp } from "../../src/http/app.ts";
import { aTrial, memoryDaemon } from "./support/memory-daemon.ts";

function caller(answer: TrialAnswer = { type: "tried", trial: aTrial("slack") }) {
  const requests: TrialRequest[] = [];
  const tryHook = async (request: TrialRequest) => {
    requests.push(request);
    return answer;
  };
  const app = createApp(memoryDaemon({ tryHook }).api);
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const answered = await app.request(path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answered.status, body: await answered.json() };
  };
  return { requests, post };
}

describe("POST /api/hooks/{hook}/test", () => {
  test("tries the hook and answers how it did; nothing is sent unless that is asked for", async () => {
    const { requests, post } = caller();

    const answer = await post("/api/hooks/slack/test", {});

    expect(answer).toEqual({ status: 200, body: aTrial("slack") });
    expect(requests).toEqual([{ hook: "slack", send: false }]);
  });

  test("takes a key with everything in it, a run, a moment and leave to send", async () => {
    const { requests, post } = caller();
    const asked = { run: "brave-otter", moment: "onFailure", send: true } as const;

    await post(`/api/hooks/${encodeURIComponent("module:./hooks/audit.ts")}/test`, asked);

    expect(requests).toEqual([{ hook: "module:./hooks/audit.ts", ...asked }]);
  });

  test.each([
    [{ moment: "onFail" }, "moment"],
    [{ send: "yes" }, "send"],
    [{ run: "x".repeat(201) }, "run"],
    [{ dry: true }, "dry"],
  ])("refuses %j", async (body, field) => {
    const { requests, post } = caller();

    expect(await post("/api/hooks/slack/test", body)).toMatchObject({
      status: 400,
      body: { field },
    });
    expect(requests).toEqual([]);
  });

  test.each([
    [
      { type: "no-such-hook", known: ["slack", "audit"] },
      404,
      'Cannot find hook "slak": did you mean "slack"?',
    ],
    [{ type: "no-such-hook", known: [] }, 404, 'Cannot find hook "slak": the config has no hook'],
    [
      { type: "no-such-hook", known: ["page-me", "audit"] },
      404,
      'Cannot find hook "slak": the config has page-me, audit',
    ],
    [
      { type: "ambiguous-hook", keys: ["a/x", "b/x"] },
      409,
      'Cannot tell which hook "slak" is: 2 hooks have this name; give the key of one: "a/x", "b/x"',
    ],
    [{ type: "no-such-run" }, 404, 'Cannot find run "otter": no run has this id or name'],
    [
      { type: "ambiguous-run" },
      409,
      'Cannot tell which run "otter" is: several ids begin with it; give more of the id',
    ],
    [
      { type: "unfit", why: "it is rung at onLate" },
      422,
      'Cannot try hook "slak": it is rung at onLate',
    ],
  ] as const)("says what is wrong: %j", async (answer, status, detail) => {
    const { post } = caller(answer);

    const answered = await post("/api/hooks/slak/test", { run: "otter" });

    expect([answered.status, answered.body.detail]).toEqual([status, detail]);
    if (answer.type === "ambiguous-hook") expect(answered.body.keys).toEqual(["a/x", "b/x"]);
  });
});
