import { describe, expect, test } from "bun:test";
import { instant } from "../../src/domain/instant.ts";
import { readTiming } from "../../src/schedule/read-timing.ts";

describe("readTiming()", () => {
  test("reads a cron schedule, in UTC and once a local time unless it says otherwise", () => {
    expect(readTiming({ cron: " 0 2 * * * ", key: "nightly" })).toEqual({
      ok: true,
      timing: { kind: "cron", cron: "0 2 * * *", timezone: "UTC", dst: "once" },
    });
    expect(readTiming({ cron: "@daily", timezone: "Europe/Vienna", dst: "literal" })).toEqual({
      ok: true,
      timing: { kind: "cron", cron: "@daily", timezone: "Europe/Vienna", dst: "literal" },
    });
  });

  for (const cron of [
    "*/10 * * * * *",
    "0 12 L * *",
    "0 12 15W * *",
    "0 9 * * MON#2",
    "0 9 * JAN-MAR 5L",
    "@hourly",
    "@weekly",
    "@monthly",
    "@yearly",
    "0 0 29 2 *",
    "0 0 29 2 +MON",
  ]) {
    test(`accepts cron ${cron}`, () => {
      expect(readTiming({ cron })).toMatchObject({ ok: true });
    });
  }

  test("reads the daemon's start, also as cron writes it", () => {
    const onStart = { ok: true, timing: { kind: "start" } } as const;

    expect(readTiming({ onStart: true, key: "boot" })).toEqual(onStart);
    expect(readTiming({ cron: " @Reboot " })).toEqual(onStart);
  });

  test("reads an interval with and without an anchor", () => {
    expect(readTiming({ every: "15m" })).toEqual({
      ok: true,
      timing: { kind: "every", everyMs: 900_000, anchor: instant(0) },
    });
    expect(readTiming({ every: 1_000, anchor: "2026-11-22T00:05:00+01:00" })).toEqual({
      ok: true,
      timing: { kind: "every", everyMs: 1_000, anchor: instant(Date.UTC(2026, 10, 21, 23, 5)) },
    });
  });

  test("sorts a list of instants and keeps each once", () => {
    const at = ["2027-01-02T00:00:00Z", "2027-01-01T00:00:00Z", "2027-01-02T01:00:00+01:00"];
    const dates = at.map((text) => new Date(text));

    expect(readTiming({ at: dates })).toEqual(readTiming({ at }));
    expect(readTiming({ at })).toEqual({
      ok: true,
      timing: { kind: "at", at: [instant(Date.UTC(2027, 0, 1)), instant(Date.UTC(2027, 0, 2))] },
    });
  });

  const REFUSED: readonly [schedule: unknown, message: string, field?: string][] = [
    [undefined, "Cannot read a schedule that is undefined: expected { cron"],
    ["0 2 * * *", "Cannot read a schedule that is a string: expected { cron"],
    [{ key: "x" }, "Cannot read a schedule that does not say when: expected { cron"],
    [{ cron: "@daily", every: "1h" }, "Cannot read a schedule with cron and every: give one of"],
    [{ cron: 5 }, "Cannot read cron: it is 5, expected a text", "cron"],
    [{ cron: "" }, 'Cannot read cron "": it is empty, expected five fields', "cron"],
    [{ cron: "5" }, 'Cannot read cron "5": it has 1 field, expected 5', "cron"],
    [{ cron: "* * * *" }, 'Cannot read cron "* * * *": it has 4 fields, expected 5', "cron"],
    [{ cron: "* * * * * * 2027" }, "it has 7 fields, expected 5", "cron"],
    [
      { cron: "61 * * * *" },
      'Cannot read cron "61 * * * *": minute "61": 61 is not a number from 0 to 59',
      "cron",
    ],
    [{ cron: "0 0 0 * *" }, 'day of month "0": 0 is not a number from 1 to 31', "cron"],
    [{ cron: "0 0 31 2 *" }, 'Cannot read cron "0 0 31 2 *": it is never due', "cron"],
    [{ cron: "@sometimes" }, 'Cannot read cron "@sometimes": expected one of @yearly', "cron"],
    [{ cron: "@reboot", timezone: "UTC" }, "Cannot use timezone with onStart: it", "timezone"],
    [{ onStart: true, anchor: "x" }, "Cannot use anchor with onStart: it belongs", "anchor"],
    [{ onStart: false }, "Cannot read onStart: it is false, expected true", "onStart"],
    [{ onStart: true, cron: "@daily" }, "a schedule with cron and onStart: give one"],
    [{ cron: "0 0 30 2 *" }, "it is never due", "cron"],
    [{ cron: "0 0 31 4,6,9,11 *" }, "it is never due", "cron"],
    [
      { cron: "30 2 * 3 SUNL", timezone: "Europe/Vienna", dst: "skip" },
      'Cannot use cron "30 2 * 3 SUNL" with dst "skip": it is never due: whenever it comes, the clock of Europe/Vienna leaves it out; with dst "once" it is due right after',
      "cron",
    ],
    [
      { cron: "*/10 2 * 3 SUN#2", timezone: "America/New_York" },
      'with dst "once": it is never due: whenever it comes, the clock of America/New_York leaves it out; name a time outside the gap',
      "cron",
    ],
    [{ cron: "H * * * *" }, 'minute "H": H is not a number from 0 to 59', "cron"],
    [
      { cron: "@daily", timezone: "Mars/Olympus" },
      'Cannot use timezone "Mars/Olympus": there is no such time zone',
      "timezone",
    ],
    [{ cron: "@daily", timezone: "" }, 'Cannot use timezone "": there is no such', "timezone"],
    [{ cron: "@daily", timezone: 1 }, "Cannot read timezone: it is 1, expected a name", "timezone"],
    [{ cron: "@daily", dst: "twice" }, 'Cannot read dst: it is "twice", expected one of', "dst"],
    [{ cron: "@daily", anchor: "x" }, "Cannot use anchor with cron: it belongs to", "anchor"],
    [{ every: "1h", timezone: "UTC" }, "Cannot use timezone with every: it belongs", "timezone"],
    [{ every: "soon" }, 'Cannot read every: it is "soon", expected a duration', "every"],
    [{ every: "999ms" }, 'Cannot use every "999ms": the least is 1s', "every"],
    [{ every: "0s" }, 'Cannot use every "0s": the least is 1s', "every"],
    [{ every: "36501d" }, 'Cannot use every "36501d": the most is 36500d', "every"],
    [{ every: 1e20 }, "Cannot use every 100000000000000000000: the most is 36500d", "every"],
    [{ every: "1h", anchor: "noon" }, 'Cannot read anchor: it is "noon", expected', "anchor"],
    [{ at: "2027-01-01T00:00:00Z" }, "Cannot read at: it is", "at"],
    [{ at: [] }, "Cannot read at: it is an empty list", "at"],
    [{ at: ["2027-01-01T00:00:00Z", "2027-02-30T00:00:00Z"] }, "Cannot read at[1]", "at[1]"],
    [{ at: ["2027-01-01T00:00:00"] }, "expected a Date or an ISO 8601 instant with Z", "at[0]"],
    [{ at: [new Date(Number.NaN)] }, "Cannot read at[0]: it is an invalid Date", "at[0]"],
  ];
  for (const [schedule, message, field] of REFUSED) {
    test(`refuses ${JSON.stringify(schedule)}`, () => {
      const answer = readTiming(schedule);

      expect(answer).toMatchObject({ ok: false, message: expect.stringContaining(message) });
      expect("field" in answer ? answer.field : undefined).toBe(field);
    });
  }
});
