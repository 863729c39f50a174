import { afterEach, describe, expect, test } from "bun:test";
import type { Ringing, Rung } from "../../src/domain/delivery.ts";
import { instant } from "../../src/domain/instant.ts";
import { createRinger } from "../../src/threads/hook-threads.ts";
import { aRinging } from "./support/a-ringing.ts";
import { configDir } from "./support/config-dir.ts";
import { generationOf, quietLog } from "./support/pool-with.ts";

const HOOKS = `import { defineConfig, flow, hook, outside, runtime } from "tocsin";
const early = fetch;
const code = {
  posts: async ({ run }) => {
    const answer = await fetch(run.parameters.url, { method: "post", body: "s3cret-body", headers: { authorization: "s3cret" } });
    if (await answer.text() !== "hello s3cret") throw new Error("not passed on");
  },
  early: ({ run }) => early(new Request(run.parameters.url)),
  fails: ({ run }) => fetch(run.parameters.url),
  many: async ({ run }) => { for (let n = 0; n < 60; n += 1) await fetch(run.parameters.url); },
  leaves: ({ run }) => void fetch(run.parameters.url),
  exits: async ({ run, log }) => { await fetch(run.parameters.url); log("bye"); process.exit(3); },
  performs: async () => {
    await outside({ request: "smtp mail.example.org", detail: "s3cret", act: () => "queued", answerOf: (text) => "250 " + text, whenTried: "" });
    await outside({ request: "x".repeat(2_000) + "\\0", act: () => { throw new Error("y".repeat(2_000)); }, answerOf: String, whenTried: "" });
  },
  decides: ({ decision, run, state, log }) => {
    let flowRun = "none";
    try { flowRun = runtime.flowRun.name; } catch {}
    log(decision.kind, decision.reason, String(run), String(state), flowRun);
  },
};
export default defineConfig({ flows: [flow({ name: "f", run() {}, onFailure: Object.entries(code).map(([name, run]) => hook({ name, run })) })] });
`;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A receiver whose answers take until they are asked for, where that is wanted. */
function receiver(answer: () => Response | Promise<Response> = () => new Response("hello s3cret")) {
  const server = Bun.serve({ port: 0, fetch: answer });
  stops.push(() => server.stop(true));
  const origin = `http://127.0.0.1:${server.port}`;
  return { origin, url: `http://user:s3cret@127.0.0.1:${server.port}/s3cret/path?token=s3cret` };
}

function bells() {
  const configPath = configDir(HOOKS);
  const ringer = createRinger({
    clock: () => instant(Date.now()),
    log: quietLog,
    newest: () => generationOf(configPath),
    answerRequest: async () => null,
    threadsMax: 1,
  });
  stops.push(() => ringer.stop(0));
  return (hook: string, url = "", more: Partial<Ringing> = {}): Promise<Rung> => {
    const ringing = aRinging(`flow:f/onFailure/${hook}`, more);
    const { about } = ringing;
    const told =
      about.kind === "run" ? { ...about, run: { ...about.run, parameters: { url } } } : about;
    return ringer.ring({ ...ringing, about: told }, { alone: false });
  };
}

const shown = ({ exchanges = [] }: Rung) =>
  exchanges.map(({ request, answer }) => `${request} → ${answer}`);

describe("what a hook does outside", () => {
  test("is kept with its attempt: method, origin, status and size, and nothing that may be secret", async () => {
    const { origin, url } = receiver();
    const rung = await bells()("posts", url);

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(shown(rung)).toEqual([`POST ${origin} → 200 OK, 12 bytes`]);
    expect(JSON.stringify(rung)).not.toContain("s3cret");
    const [exchange] = rung.exchanges ?? [];
    expect(exchange?.startedAt).toBeGreaterThanOrEqual(rung.startedAt);
    expect(exchange?.endedAt).toBeLessThanOrEqual(rung.endedAt);
  });

  test("is kept where fetch was taken down before, and where it answers another status", async () => {
    const { origin, url } = receiver(
      () => new Response(null, { status: 429, statusText: "s3cret" }),
    );
    const rung = await bells()("early", url.replace("user:s3cret@", ""));

    expect(shown(rung)[0]).toStartWith(`GET ${origin} → 429 Too Many Requests`);
    expect(JSON.stringify(rung)).not.toContain("s3cret");
  });

  test("belongs to the hook that did it, of several at once", async () => {
    const [one, other] = [receiver(), receiver(() => new Response(null, { status: 204 }))];
    const ring = bells();
    const [first, second] = await Promise.all([ring("posts", one.url), ring("fails", other.url)]);

    expect(shown(first)).toEqual([`POST ${one.origin} → 200 OK, 12 bytes`]);
    expect(shown(second)).toEqual([`GET ${other.origin} → 204 No Content`]);
  });

  test("says what kind of error kept an answer away, without the address", async () => {
    const { url } = receiver();
    await stops.pop()?.();
    const ring = bells();
    const [refused, wrong] = await Promise.all([ring("fails", url), ring("fails", "/s3cret")]);

    expect(shown(refused)[0]).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+ → \w*Error( \(\w+\))?$/);
    expect(shown(wrong)[0]).toMatch(/^GET of what is no address → \w*Error( \(\w+\))?$/);
    expect(JSON.stringify([refused.exchanges, wrong.exchanges])).not.toContain("s3cret");
  });

  test("is bounded: 50 exchanges, and a line that says so", async () => {
    const { url } = receiver();
    const rung = await bells()("many", url);

    expect(rung.exchanges).toHaveLength(50);
    expect(rung.log.map(({ level, text }) => `${level} ${text}`)).toEqual([
      "warn Exchanges beyond the first 50 are not kept",
    ]);
  });

  test("has no answer where none had come when the hook ended", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { origin, url } = receiver(() => promise);
    const rung = await bells()("leaves", url);
    resolve(new Response());

    expect(rung.exchanges).toMatchObject([{ request: `GET ${origin}` }]);
    expect(rung.exchanges?.[0]).not.toHaveProperty("answer");
  });

  test("is kept, with the log lines, of a hook that exits", async () => {
    const { origin, url } = receiver();
    const rung = await bells()("exits", url);

    expect(rung.outcome).toMatchObject({ type: "failed", error: { name: "Exited" } });
    expect(shown(rung)).toEqual([`GET ${origin} → 200 OK, 12 bytes`]);
    expect(rung.log.map(({ text }) => text)).toEqual(["bye"]);
  });

  test("through outside() is kept as it says itself, cut, and without details", async () => {
    const rung = await bells()("performs");
    const [mail, long] = rung.exchanges ?? [];

    expect(rung.outcome).toMatchObject({ type: "failed" });
    expect(mail).toMatchObject({ request: "smtp mail.example.org", answer: "250 queued" });
    expect([long?.request.length, long?.answer?.length]).toEqual([500, 500]);
    expect(JSON.stringify(rung)).not.toContain("s3cret");
  });
});

test("a hook that is told of a due time without a run has a decision, and no run around it", async () => {
  const decision = {
    flow: "f",
    schedule: "f-0",
    dueAt: "2026-01-01T00:00:00.000Z",
    kind: "skipped",
    reason: "brave-otter goes on",
    decidedAt: "2026-01-01T00:00:00.000Z",
  } as const;
  const about = { kind: "decision", decision } as const;
  const rung = await bells()("decides", "", { moment: "onSkipped", about });

  expect(rung.log.map(({ text }) => text)).toEqual([
    "skipped brave-otter goes on undefined undefined none",
  ]);
});
