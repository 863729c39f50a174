import { describe, expect, test } from "bun:test";
import { ping } from "../../hooks/ping.ts";
import { block, type Moment, type StateView } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly } from "./failures.ts";
import { aReceiver } from "./receiver.ts";

const CHECK = "/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";
const RID = "?rid=0199a1b2-0000-7000-8000-000000000001";

describe("ping()", () => {
  const CASES: readonly (readonly [Moment, StateView["type"], StateView["name"], string])[] = [
    ["onRunning", "RUNNING", "Running", `${CHECK}/start`],
    ["onCompletion", "COMPLETED", "Completed", CHECK],
    ["onRecovered", "COMPLETED", "Completed", CHECK],
    ["onFailure", "FAILED", "Failed", `${CHECK}/fail`],
    ["onCrashed", "CRASHED", "Crashed", `${CHECK}/fail`],
    ["onCancellation", "CANCELLED", "Cancelled", `${CHECK}/log`],
    ["onRetry", "SCHEDULED", "AwaitingRetry", `${CHECK}/log`],
    ["onLate", "SCHEDULED", "Late", `${CHECK}/log`],
    ["onRunningLong", "RUNNING", "Running", `${CHECK}/log`],
  ];
  for (const [moment, type, name, path] of CASES) {
    test(`posts to ${path.slice(CHECK.length) || "the check itself"} at ${moment}, with the run's id`, async () => {
      await using server = aReceiver(() => new Response("OK"));
      const { delivery, state } = aContext().context;
      const told = aContext({
        delivery: { ...delivery, moment, attempt: 1 },
        state: { ...state, type, name },
      });

      expect(await ring(ping({ url: server.url + CHECK }), told)).toBeUndefined();

      expect(server.received).toHaveLength(1);
      expect(server.received[0]).toMatchObject({ method: "POST", path, query: RID });
    });
  }

  test("sends what happened as the body, in plain text", async () => {
    await using server = aReceiver(() => new Response("OK"));

    await ring(ping({ url: server.url + CHECK }), aContext());

    const [received] = server.received;
    expect(received?.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(received?.body).toStartWith(
      'Run "brave-otter" of flow "failing-flow" entered Failed\n\noops!\n\nFlow: failing-flow\n',
    );
    expect(received?.body).toEndWith(aContext().context.urls.run);
  });

  test("takes the address from a block, with a query and a slash at its end", async () => {
    await using server = aReceiver(() => new Response("OK", { status: 201 }));
    const told = aContext({}, { "secret/ping": `${server.url}/ping-key/nightly/?create=1` });

    expect(await ring(ping({ url: block("secret/ping") }), told)).toBeUndefined();

    expect(server.received[0]?.path).toBe("/ping-key/nightly/fail");
    expect(server.received[0]?.query).toBe(`?create=1&${RID.slice(1)}`);
  });

  test("logs what is not of the run itself: a task, and a due time without a run", async () => {
    await using server = aReceiver(() => new Response("OK"));
    const hook = ping({ url: server.url + CHECK });

    await ring(hook, aContext({ task: "extract" }));
    await ring(hook, aDecision());

    expect(server.received.map(({ path }) => path)).toEqual([`${CHECK}/log`, `${CHECK}/log`]);
    expect(server.received.map(({ query }) => query)).toEqual([RID, ""]);
  });

  test("only logs what comes too late: a start of what is over, an end that a later run has overtaken", async () => {
    await using server = aReceiver(() => new Response("OK"));
    const hook = ping({ url: server.url + CHECK });
    const { client, delivery, run, state } = aContext().context;
    const running = { ...state, type: "RUNNING", name: "Running" } as const;
    const at = "2026-11-22T03:00:00.000Z";
    const completed = { ...state, type: "COMPLETED", name: "Completed", at } as const;
    const later = { ...run, state: completed, endedAt: at };
    const knowing = (now: StateView) => ({
      ...client,
      runs: {
        cancel: async () => "too-late" as const,
        find: async () => ({ ...run, state: now }),
        list: async () => [later],
      },
    });
    const started = { ...delivery, moment: "onRunning" as const };

    await ring(hook, aContext({ state: running, delivery: started, client: knowing(running) }));
    await ring(hook, aContext({ state: running, delivery: started, client: knowing(completed) }));
    await ring(hook, aContext({ client: knowing(state) }));

    expect(server.received.map(({ path }) => path.slice(CHECK.length))).toEqual([
      "/start",
      "/log",
      "/log",
    ]);
  });

  test("cuts a long message", async () => {
    await using server = aReceiver(() => new Response("OK"));
    const state = { ...aContext().context.state, message: "x".repeat(200_000) };

    await ring(ping({ url: server.url + CHECK }), aContext({ state }));

    expect(server.received[0]?.body.length).toBeLessThan(11_000);
  });

  test("fails on an address that is none, without showing it", async () => {
    const thrown = await ring(ping({ url: "secret-part" }), aContext());

    expect(String(thrown)).toContain("Cannot post to the check: the address is not an http");
    expect(String(thrown)).not.toContain("secret-part");
  });
});

failsHonestly({
  receiver: "the check",
  hookFor: (server) => ping({ url: server + CHECK }),
  refusal: { status: 404, body: { said: "not found" }, reason: "not found" },
  secret: CHECK.slice(1),
});
