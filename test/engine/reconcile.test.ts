import { describe, expect, test } from "bun:test";
import type { ScheduleSpec, Timing } from "../../src/domain/flow.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { livingOn } from "./support/living.ts";

const MINUTE = 60_000;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;

function living(timing: Timing, changes: Partial<ScheduleSpec> = {}) {
  const flow = aFlow({ schedules: [aSchedule(timing, changes)] });
  return livingOn(temporaryStore(), virtualClock(NOON), [flow]);
}

describe("the look at every schedule", () => {
  test("finds one that has no next due time", () => {
    const { tick } = living({ ...HOURLY, cron: "0 0 31 2 *" });

    expect(tick.reconcile()).toEqual([
      { flow: "report", schedule: "report", why: "it has no next due time" },
    ]);
  });

  test("finds one that is due and is not dealt with", async () => {
    const { tick, clock, pass } = living(HOURLY);
    clock.advance(66 * MINUTE);

    expect(tick.reconcile()).toEqual([
      {
        flow: "report",
        schedule: "report",
        why: "it was due at 2026-06-01T13:00:00.000Z, and that has not been dealt with for 6m",
      },
    ]);
    await pass(0);
    expect(tick.reconcile()).toEqual([]);
  });

  test.each<readonly [string, Timing, Partial<ScheduleSpec>]>([
    ["dates that are over", { kind: "at", at: [at(-MINUTE)] }, {}],
    ["an until that has passed", HOURLY, { until: at(MINUTE) }],
    ["what is due when the daemon starts", { kind: "start" }, {}],
    ["what the config paused", { ...HOURLY, cron: "0 0 31 2 *" }, { paused: true }],
    ["a rhythm that goes on", HOURLY, {}],
  ])("has nothing to say of %s", (_, timing, changes) => {
    const { tick } = living(timing, changes);

    expect(tick.reconcile()).toEqual([]);
  });

  test("has nothing to say of what a person paused", async () => {
    const { tick, care, clock } = living(HOURLY);
    await care.pause({ flow: "report", by: "anna" });
    clock.advance(600 * MINUTE);

    expect(tick.reconcile()).toEqual([]);
  });
});
