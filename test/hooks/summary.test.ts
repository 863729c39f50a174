import { describe, expect, test } from "bun:test";
import { eventOf, summaryOf } from "../../hooks/receiver/summary.ts";
import type { HookContext } from "../../src/sdk/mod.ts";
import { aContext, aDecision } from "./context.ts";

const RUN = 'un "brave-otter" of flow "failing-flow"';
const COMPLETED = { type: "COMPLETED", name: "Completed" } as const;
const RUNNING = { type: "RUNNING", name: "Running" } as const;
const WAITING = { type: "SCHEDULED", name: "AwaitingRetry" } as const;
const LATE = { type: "SCHEDULED", name: "Late" } as const;
const CANCELLED = { type: "CANCELLED", name: "Cancelled" } as const;

describe("the summary of a transition", () => {
  const CASES = [
    ["onFailure", {}, `R${RUN} entered Failed`, "bad", "Failed"],
    ["onCompletion", COMPLETED, `R${RUN} entered Completed`, "good", "Completed"],
    ["onRunning", RUNNING, `R${RUN} entered Running`, "neutral", "Running"],
    ["onRetry", WAITING, `R${RUN} entered AwaitingRetry`, "warning", "AwaitingRetry"],
    ["onCancellation", CANCELLED, `R${RUN} entered Cancelled`, "warning", "Cancelled"],
    ["onLate", LATE, `R${RUN} is late: it has not been started yet`, "warning", "Late"],
    [
      "onRunningLong",
      RUNNING,
      `R${RUN} is running for longer than expected, since 2026-11-22T02:00:32.000Z`,
      "warning",
      "Running long",
    ],
    [
      "onRecovered",
      COMPLETED,
      'Flow "failing-flow" has recovered: run "brave-otter" entered Completed',
      "good",
      "Recovered",
    ],
    [
      "onRegressed",
      {},
      'Flow "failing-flow" has begun to fail: run "brave-otter" entered Failed',
      "bad",
      "Regressed",
    ],
  ] as const;
  for (const [moment, state, title, tone, event] of CASES) {
    test(`at ${moment} says: ${title}`, () => {
      const context = at(moment, state);

      expect(summaryOf(context)).toMatchObject({ title, tone });
      expect(eventOf(context)).toBe(event);
    });
  }

  test("has the root cause as its message, where there is one", () => {
    const error = { name: "Error", message: "the disk is full" };
    const { context } = aContext();

    expect(summaryOf({ ...context, state: { ...context.state, error } }).message).toBe(
      "the disk is full",
    );
    expect(summaryOf(context).message).toBe("oops!");
  });

  test("says of a due time what was decided", () => {
    const { context } = aDecision();
    const missed = { ...context, decision: { ...context.decision, kind: "missed" as const } };

    expect(summaryOf(missed).title).toBe(
      'Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: missed',
    );
    expect([eventOf(context), eventOf(missed)]).toEqual(["Skipped", "Missed"]);
  });

  test("keeps title and facts short, whatever runs are called", () => {
    const { context } = aContext();
    const long = "x".repeat(10_000);
    const summary = summaryOf({ ...context, run: { ...context.run, name: long, tags: [long] } });

    expect(summary.title.length).toBeLessThanOrEqual(400);
    for (const [, text] of summary.facts) expect(text.length).toBeLessThanOrEqual(250);
  });
});

function at(
  moment: HookContext["delivery"]["moment"],
  state: Partial<HookContext["state"]>,
): HookContext {
  const { context } = aContext();
  return {
    ...context,
    delivery: { ...context.delivery, moment },
    state: { ...context.state, ...state },
  };
}
