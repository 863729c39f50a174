import { expect, test } from "bun:test";
import { commandAfter } from "../../src/cli/after-explain.ts";
import type { RunView } from "../../src/domain/run-view.ts";
import type { ExplainFactsView, ScheduleFactsView } from "../../src/http/explain-view.ts";

const DUE = "2026-06-01T12:00:00.000Z";
const SINCE = { since: "2026-06-01T11:00:00.000Z", by: "anna" };
const BACKFILL =
  "tocsin backfill report --from 2026-06-01T12:00:00.000Z --to 2026-06-01T12:00:01.000Z";

function aRun(type: string): RunView {
  return { name: "brave-otter", state: { type } } as unknown as RunView;
}

function after(
  verdict: string,
  schedule: Partial<ScheduleFactsView>,
  pauses: ExplainFactsView["pauses"] = [],
) {
  const schedules = [{ schedule: "hourly", words: "Every hour", dueAt: DUE, ...schedule }];
  const facts = { flow: "report", inConfig: true, at: DUE, schedules, pauses, byHand: [] };
  const config = { generation: 1, acceptedAt: DUE };
  return commandAfter({ verdict, sentences: [], facts: { ...facts, config, keptSince: DUE } });
}

test("what has its run leads to the run", () => {
  expect(after("ran", { run: aRun("COMPLETED") })).toBe("tocsin runs show brave-otter");
});

test("what was lost leads to its backfill", () => {
  for (const verdict of ["missed", "skipped", "changed", "no-record"]) {
    expect(after(verdict, {})).toBe(BACKFILL);
  }
});

test("what was skipped for a run that waits for a person leads to resuming that run", () => {
  const blockedBy = aRun("PAUSED");

  expect(after("skipped", { blockedBy })).toBe("tocsin runs resume brave-otter");
  expect(after("skipped", { blockedBy: aRun("RUNNING") })).toBe(BACKFILL);
});

test("a pause leads to its end: the flow's, or that of the schedule alone", () => {
  const schedule = { ...SINCE, schedule: "hourly" };

  expect(after("paused", {}, [SINCE])).toBe("tocsin flows resume report");
  expect(after("paused", {}, [schedule, SINCE])).toBe("tocsin flows resume report");
  expect(after("paused", {}, [schedule])).toBe("tocsin flows resume report --schedule hourly");
});

test("a pause that is over leads to making up for it", () => {
  expect(after("paused", {}, [{ ...SINCE, until: DUE }])).toBe(BACKFILL);
});

test("what is ahead, or was not due, leads nowhere", () => {
  expect(after("will-run", {})).toBeUndefined();
  expect(after("not-due", {})).toBeUndefined();
});
