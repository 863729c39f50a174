import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { DstPolicy, Timing } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import { upcoming } from "../../src/schedule/upcoming.ts";
import {
  type Expected,
  expectedDues,
  type LocalTimes,
  type Rule,
  type Stretch,
} from "./support/local-times.ts";
import { fixedTimeCases } from "./support/patterns.ts";

const ZONES = [
  "America/New_York",
  "Europe/London",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Casablanca",
  "Asia/Tokyo",
  "Europe/Vienna",
];

/** Patterns that name times of the day, with the local times that they name. */
const FIXED: Readonly<Record<string, LocalTimes>> = {
  "30 2 * * *": { hours: [2], minutes: [30] },
  "0,30 2 * * *": { hours: [2], minutes: [0, 30] },
  "30 1 * * *": { hours: [1], minutes: [30] },
  "0 2,3 * * *": { hours: [2, 3], minutes: [0] },
  "15 1,13 * * SUN": { hours: [1, 13], minutes: [15], weekdays: [0] },
  "45 1-3 * * *": { hours: [1, 2, 3], minutes: [45] },
  "@daily": { hours: [0], minutes: [0] },
  "59 23 * 3-4,SEP-NOV *": { hours: [23], minutes: [59], months: [3, 4, 9, 10, 11] },
  "30 15 2 1-15 * *": {
    hours: [2],
    minutes: [15],
    seconds: [30],
    days: Array.from({ length: 15 }, (_, index) => index + 1),
  },
};

const EVERY_HOUR = Array.from({ length: 24 }, (_, hour) => hour);

/** Patterns that are due by elapsed time. */
const BY_ELAPSED_TIME: Readonly<Record<string, LocalTimes>> = {
  "@hourly": { hours: EVERY_HOUR, minutes: [0] },
  "*/30 2 * * *": { hours: [2], minutes: [0, 30] },
  "20 */2 * * *": { hours: EVERY_HOUR.filter((hour) => hour % 2 === 0), minutes: [20] },
};

/** What each way to treat clock changes comes to for fixed times. */
const RULES: Readonly<Record<DstPolicy, Rule>> = {
  once: "once",
  skip: "skip",
  literal: "both-passes",
};

describe("the due times of 2020 to 2037", () => {
  for (const timezone of ZONES) {
    test(`are those that walking the local times of ${timezone} gives`, () => {
      const years = { zone: timezone, from: Date.UTC(2020, 0, 1), to: Date.UTC(2038, 0, 1) };
      for (const [cron, times] of Object.entries(FIXED)) {
        for (const dst of ["once", "skip", "literal"] as const) {
          expectSame(
            { kind: "cron", cron, timezone, dst },
            expectedDues(times, RULES[dst], years),
            years,
          );
        }
      }
      const fewer = { ...years, from: Date.UTC(2026, 0, 1), to: Date.UTC(2028, 0, 1) };
      for (const [cron, times] of Object.entries(BY_ELAPSED_TIME)) {
        const expected = expectedDues(times, "both-passes", fewer);
        expectSame({ kind: "cron", cron, timezone, dst: "once" }, expected, fewer);
      }
    }, 30_000);
  }
});

describe("the day that Apia left out in 2011", () => {
  const timezone = "Pacific/Apia";
  const december = { zone: timezone, from: Date.UTC(2011, 11, 28), to: Date.UTC(2012, 0, 2) };

  test("gives what was due on it at its end, marked", () => {
    const timing = { kind: "cron", cron: "30 2,14 * * *", timezone, dst: "once" } as const;

    expect(found(timing, december).find(({ dst }) => dst !== undefined)).toEqual({
      at: Date.parse("2011-12-30T10:00Z"),
      dst: "merged",
      standsFor: ["2011-12-30T02:30:00", "2011-12-30T14:30:00"],
    });
  });

  test("is left out in every other way of treating it", () => {
    for (const [cron, times] of Object.entries({ ...FIXED, ...BY_ELAPSED_TIME })) {
      const byElapsedTime = cron in BY_ELAPSED_TIME;
      for (const dst of ["once", "skip", "literal"] as const) {
        const rule = byElapsedTime ? "both-passes" : RULES[dst];
        const expected = expectedDues(times, rule, december);
        expectSame({ kind: "cron", cron, timezone, dst }, expected, december);
      }
    }
  });
});

describe("in any zone and year", () => {
  const CASES = Number(process.env["TOCSIN_DST_CASES"] ?? 400);

  for (const dst of ["once", "skip", "literal"] as const) {
    test(`a fixed time under dst ${dst} is due as often as walking the local times says`, () => {
      const property = fc.property(fixedTimeCases(), ({ cron, times, year }) => {
        const timing = { kind: "cron", cron, timezone: year.zone, dst } as const;
        expectSame(timing, expectedDues(times, RULES[dst], year), year);
      });

      fc.assert(property, { numRuns: CASES });
    }, 3_600_000);
  }
});

function expectSame(timing: Timing, expected: readonly Expected[], stretch: Stretch): void {
  const due = found(timing, stretch);
  // Comparing is quick, and showing a difference of thousands of due times is not.
  if (Bun.deepEquals(due, expected)) return;
  const first = expected.findIndex((one, index) => !Bun.deepEquals(one, due[index]));
  const from = first === -1 ? expected.length : first;
  expect({ timing, dues: due.slice(from, from + 3).map(shown) }).toEqual({
    timing,
    dues: expected.slice(from, from + 3).map(shown),
  });
}

function found(timing: Timing, { from, to }: Stretch): readonly Expected[] {
  const range = { after: instant(from - 1), until: instant(to), max: 1_000_000 };
  return upcoming(timing, range).map(({ dueAt, mark }) => ({ at: dueAt, ...mark }));
}

function shown({ at, ...mark }: Expected): object {
  return { at: new Date(at).toISOString(), ...mark };
}
