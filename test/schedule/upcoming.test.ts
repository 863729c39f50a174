import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ScheduleSpec, Timing } from "../../src/domain/flow.ts";
import { type Instant, instant, isoOf } from "../../src/domain/instant.ts";
import { duesBetween } from "../../src/schedule/due-times.ts";
import { upcomingOf } from "../../src/schedule/upcoming.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { NOON } from "../support/stores.ts";

const END = instant(NOON + 86_400_000);

describe("upcomingOf()", () => {
  test("answers the first due times of all schedules, whichever are asked for", () => {
    const everyMs = fc.integer({ min: 60_000, max: 7_200_000 });
    const schedule = fc
      .record({ everyMs, anchor: fc.nat(7_200_000), paused: fc.boolean(), ends: fc.boolean() })
      .map(({ everyMs, anchor, paused, ends }): ScheduleSpec => {
        const timing: Timing = { kind: "every", everyMs, anchor: instant(anchor) };
        return aSchedule(timing, { paused, ...(ends ? { until: instant(NOON + 3_600_000) } : {}) });
      });
    const property = fc.property(
      fc.array(schedule, { maxLength: 12 }),
      fc.integer({ min: 1, max: 30 }),
      (schedules, max) => {
        const flows = schedules.map((one) => aFlow({ schedules: [one] }));

        const found = upcomingOf(flows, { after: NOON, until: END, max });

        expect(found.map(({ dueAt }) => dueAt)).toEqual(allDues(schedules).slice(0, max));
      },
    );

    fc.assert(property, { numRuns: 200 });
  });

  test("looks at ten thousand schedules once when only a few due times are asked for", () => {
    const schedules = Array.from({ length: 10_000 }, (_, index) =>
      aSchedule({ kind: "every", everyMs: 1_000 + index, anchor: NOON }),
    );

    const found = upcomingOf([aFlow({ schedules })], { after: NOON, until: END, max: 500 });

    expect(found).toHaveLength(500);
    expect(isoOf(found.at(-1)?.dueAt ?? NOON)).toBe("2026-06-01T12:00:01.499Z");
  });
});

function allDues(schedules: readonly ScheduleSpec[]): readonly Instant[] {
  return schedules
    .filter(({ paused }) => !paused)
    .flatMap(({ timing, until }) =>
      duesBetween(timing, { after: NOON, until: END, max: 10_000 }).filter(
        (due) => until === undefined || due <= until,
      ),
    )
    .sort((one, other) => one - other);
}
