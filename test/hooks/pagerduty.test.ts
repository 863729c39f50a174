import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { pagerduty } from "../../hooks/pagerduty.ts";
import { block, type RunView } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const KEY = "R0123456789ABCDEF0123456789ABCDE";
const ACCEPTED = () =>
  Response.json({ status: "success", message: "Event processed" }, { status: 202 });

describe("pagerduty()", () => {
  test("opens an alert for a failed run, with the key from a block", async () => {
    await using server = aReceiver(ACCEPTED);
    const told = aContext({}, { "secret/pagerduty": KEY });

    const url = `${server.url}/v2/enqueue`;
    const hook = pagerduty({ routingKey: block("secret/pagerduty"), url });
    expect(await ring(hook, told)).toBeUndefined();

    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({ method: "POST", path: "/v2/enqueue" });
    expect(server.received[0]?.headers.get("content-type")).toBe("application/json");
    const { run, urls, delivery } = told.context;
    expect(eventIn(server.received[0])).toEqual({
      routing_key: KEY,
      event_action: "trigger",
      dedup_key: "tocsin/failing-flow",
      client: "tocsin",
      client_url: urls.run,
      links: [{ href: urls.run, text: "See it in tocsin" }],
      payload: {
        summary: 'Run "brave-otter" of flow "failing-flow" entered Failed: oops!',
        source: hostname(),
        severity: "error",
        timestamp: "2026-11-22T02:00:32.000Z",
        component: "failing-flow",
        class: "Failed",
        custom_details: expect.objectContaining({
          Message: "oops!",
          Run: run.name,
          Tags: "prod, nightly",
          Delivery: delivery.id,
        }),
      },
    });
  });

  test("resolves the same alert when a run completes, and when the flow recovers", async () => {
    await using server = aReceiver(ACCEPTED);
    const { delivery } = aContext().context;

    for (const moment of ["onCompletion", "onRecovered"] as const) {
      const told = aContext({ state: COMPLETED, delivery: { ...delivery, moment } });
      await ring(pagerduty({ routingKey: KEY, url: server.url }), told);
    }

    const resolved = {
      routing_key: KEY,
      event_action: "resolve",
      dedup_key: "tocsin/failing-flow",
    };
    expect(server.received.map(eventIn)).toEqual([resolved, resolved]);
  });

  test("opens one for a crash, a late run, a long run, a retry and a missed due time", async () => {
    await using server = aReceiver(ACCEPTED);
    const { delivery, state } = aContext().context;
    const hook = pagerduty({ routingKey: KEY, url: server.url });
    const at = (moment: typeof delivery.moment, type: typeof state.type, name: typeof state.name) =>
      aContext({ delivery: { ...delivery, moment }, state: { ...state, type, name } });

    await ring(hook, at("onCrashed", "CRASHED", "Crashed"));
    await ring(hook, at("onLate", "SCHEDULED", "Late"));
    await ring(hook, at("onRunningLong", "RUNNING", "Running"));
    await ring(hook, at("onRetry", "SCHEDULED", "AwaitingRetry"));
    await ring(hook, aDecision());

    const told = server.received.map(eventIn);
    expect(told.map((event) => event.event_action)).toEqual(Array(5).fill("trigger"));
    expect(new Set(told.map((event) => event.dedup_key))).toEqual(new Set(["tocsin/failing-flow"]));
    expect(told.map(({ payload }) => [payload.severity, payload.class])).toEqual([
      ["error", "Crashed"],
      ["warning", "Late"],
      ["warning", "Running long"],
      ["warning", "AwaitingRetry"],
      ["warning", "Skipped"],
    ]);
    expect(told[4].payload.timestamp).toBe("2026-11-22T02:00:00.100Z");
  });

  test("keeps to PagerDuty's lengths, and takes severity and key of one's own", async () => {
    await using server = aReceiver(ACCEPTED);
    const flow = { name: "f".repeat(2_000), description: "", tags: [] };
    const state = { ...aContext().context.state, message: "x".repeat(900_000) };

    await ring(pagerduty({ routingKey: KEY, url: server.url }), aContext({ flow, state }));
    const own = pagerduty({
      routingKey: KEY,
      url: server.url,
      severity: () => "critical",
      dedupKey: (context) => `own/${context.flow.name}`,
    });
    await ring(own, aContext());

    const [long, chosen] = server.received.map(eventIn);
    expect(long.payload.summary.length).toBe(1_024);
    expect(long.dedup_key.length).toBeLessThanOrEqual(255);
    expect(server.received[0]?.body.length).toBeLessThan(512_000);
    expect([chosen.payload.severity, chosen.dedup_key]).toEqual(["critical", "own/failing-flow"]);
  });

  test("tells of a task under a key of its own", async () => {
    await using server = aReceiver(ACCEPTED);

    await ring(pagerduty({ routingKey: KEY, url: server.url }), aContext({ task: "extract" }));

    expect(eventIn(server.received[0]).dedup_key).toBe("tocsin/failing-flow/extract");
  });

  test("says nothing of a cancelled run", async () => {
    await using server = aReceiver(ACCEPTED);
    const state = { ...aContext().context.state, type: "CANCELLED", name: "Cancelled" } as const;
    const told = aContext({ state });

    expect(await ring(pagerduty({ routingKey: KEY, url: server.url }), told)).toBeUndefined();

    expect(server.received).toEqual([]);
    expect(told.lines).toEqual(['info PagerDuty is not told of "Cancelled"']);
  });

  test("opens no alert at a further attempt once a later run has completed", async () => {
    await using server = aReceiver(ACCEPTED);
    const hook = pagerduty({ routingKey: KEY, url: server.url });
    const { delivery } = aContext().context;
    const later = runsAnswered({ state: COMPLETED, endedAt: COMPLETED.at });
    const first = aContext({ delivery: { ...delivery, attempt: 1 }, client: later });
    const third = aContext({ delivery: { ...delivery, attempt: 3 }, client: later });

    await ring(hook, first);
    await ring(hook, third);

    expect(server.received).toHaveLength(1);
    expect(third.lines[0]).toContain("a later run of the flow has ended the other way");
  });

  test("resolves nothing at a further attempt once a later run has failed", async () => {
    await using server = aReceiver(ACCEPTED);
    const state = { ...COMPLETED, at: "2026-11-22T01:00:00.000Z" };
    const failed = runsAnswered({ endedAt: "2026-11-22T02:00:32.000Z" });

    await ring(
      pagerduty({ routingKey: KEY, url: server.url }),
      aContext({ state, client: failed }),
    );

    expect(server.received).toEqual([]);
  });

  test("refuses moments that are neither trouble nor its end, and a missing key", () => {
    // @ts-expect-error: the types know it too
    expect(() => pagerduty({ routingKey: KEY, on: ["onFailure", "onRunning"] })).toThrow(
      'Cannot make pagerduty({ on }): at "onRunning" there is nothing to open or resolve',
    );
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => pagerduty({})).toThrow("Cannot make pagerduty({ routingKey }): it is undefined");
  });
});

failsHonestly({
  receiver: "PagerDuty",
  hookFor: (url) => pagerduty({ routingKey: KEY, url }),
  refusal: {
    status: 400,
    body: { status: "invalid event", errors: ["Length of 'routing_key' is incorrect"] },
    reason: "Length of 'routing_key' is incorrect",
  },
  secret: KEY,
});

const COMPLETED = {
  type: "COMPLETED",
  name: "Completed",
  message: "",
  at: "2026-11-22T03:00:00.000Z",
} as const;

/** A client whose list of runs has one, made from the failed one. */
function runsAnswered(changes: Partial<RunView>) {
  const { run, client } = aContext().context;
  const other: RunView = { ...run, id: "0199a1b2-0000-7000-8000-000000000002", ...changes };
  return { ...client, runs: { ...client.runs, list: async () => [other] } };
}

function eventIn(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}");
}
