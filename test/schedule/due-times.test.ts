import { describe, expect, test } from "bun:test";
import type { DstPolicy, Timing } from "../../src/domain/flow.ts";
import { type Instant, instant, isoOf } from "../../src/domain/instant.ts";
import { duesBetween, nextDue } from "../../src/schedule/due-times.ts";

const NEW_YORK = "America/New_York";
const LONDON = "Europe/London";
const LORD_HOWE = "Australia/Lord_Howe";

describe("a cron schedule where the clock is put forward", () => {
  // New York, 14 March 2027: 02:00 EST = 07:00Z becomes 03:00 EDT.
  const march = { zone: NEW_YORK, after: "2027-03-13T00:00Z", until: "2027-03-15T23:00Z" };

  test("fires a fixed time that lies in the gap at the first instant after it", () => {
    expect(dues("30 2 * * *", march)).toEqual([
      "2027-03-13T07:30Z",
      "2027-03-14T07:00Z",
      "2027-03-15T06:30Z",
    ]);
  });

  test("collapses several fixed times of the gap into one", () => {
    expect(dues("0,30 2 * * *", march)).toEqual([
      "2027-03-13T07:00Z",
      "2027-03-13T07:30Z",
      "2027-03-14T07:00Z",
      "2027-03-15T06:00Z",
      "2027-03-15T06:30Z",
    ]);
  });

  test("tells soon that what always lies in the gap is never due: the daemon waits for it", () => {
    const sundays = { kind: "cron", cron: "30 2 * 3 SUN#2", timezone: NEW_YORK } as const;

    for (let year = 2027; year < 2127; year += 1) {
      const from = instant(Date.UTC(year, 0, 1));
      expect(nextDue({ ...sundays, dst: "skip" }, from)).toBeUndefined();
    }
  });

  test("does not fire twice where the end of the gap is itself due", () => {
    const gapDay = { ...march, after: "2027-03-14T00:00Z", until: "2027-03-15T00:00Z" };

    expect(dues("0 2,3 * * *", gapDay)).toEqual(["2027-03-14T07:00Z"]);
    expect(dues("0 3 * * *", gapDay)).toEqual(["2027-03-14T07:00Z"]);
  });

  test("leaves the gap out under dst skip and dst literal", () => {
    const expected = ["2027-03-13T07:30Z", "2027-03-15T06:30Z"];

    expect(dues("30 2 * * *", { ...march, dst: "skip" })).toEqual(expected);
    expect(dues("30 2 * * *", { ...march, dst: "literal" })).toEqual(expected);
  });

  test("goes on by elapsed time where a field starts with a star", () => {
    const night = { zone: NEW_YORK, after: "2027-03-14T06:00Z", until: "2027-03-14T08:00Z" };
    const expected = ["2027-03-14T06:30Z", "2027-03-14T07:00Z"];

    expect(dues("*/30 * * * *", night)).toEqual([
      ...expected,
      "2027-03-14T07:30Z",
      "2027-03-14T08:00Z",
    ]);
    expect(dues("*/30 2 * * *", night)).toEqual([]);
    expect(dues("@hourly", night)).toEqual(["2027-03-14T07:00Z", "2027-03-14T08:00Z"]);
  });

  test("moves out of London's gap and out of the half hour of Lord Howe", () => {
    // London, 28 March 2027: 01:00 GMT = 01:00Z becomes 02:00 BST.
    const london = { zone: LONDON, after: "2027-03-27T12:00Z", until: "2027-03-29T12:00Z" };
    expect(dues("30 1 * * *", london)).toEqual(["2027-03-28T01:00Z", "2027-03-29T00:30Z"]);

    // Lord Howe, 4 October 2026: 02:00 (+10:30) = 15:30Z of the day before becomes 02:30 (+11).
    const howe = { zone: LORD_HOWE, after: "2026-10-02T00:00Z", until: "2026-10-05T00:00Z" };
    expect(dues("15 2 * * *", howe)).toEqual([
      "2026-10-02T15:45Z",
      "2026-10-03T15:30Z",
      "2026-10-04T15:15Z",
    ]);
    expect(dues("45 2 * * *", howe)).toEqual([
      "2026-10-02T16:15Z",
      "2026-10-03T15:45Z",
      "2026-10-04T15:45Z",
    ]);
  });

  test("finds a rare time that falls into a gap years ahead", () => {
    // 14 March is the day of the change in 2027, and not again before 2032.
    const years = { zone: NEW_YORK, after: "2025-06-01T00:00Z", until: "2029-01-01T00:00Z" };

    expect(dues("30 2 14 3 *", years)).toEqual([
      "2026-03-14T06:30Z",
      "2027-03-14T07:00Z",
      "2028-03-14T06:30Z",
    ]);
  });
});

describe("a cron schedule where the clock is put back", () => {
  // New York, 1 November 2026: 02:00 EDT = 06:00Z becomes 01:00 EST.
  const november = { zone: NEW_YORK, after: "2026-10-31T12:00Z", until: "2026-11-02T12:00Z" };

  test("fires a fixed time in the first pass only", () => {
    expect(dues("30 1 * * *", november)).toEqual(["2026-11-01T05:30Z", "2026-11-02T06:30Z"]);
    expect(dues("15 1,13 * * *", november)).toEqual([
      "2026-10-31T17:15Z",
      "2026-11-01T05:15Z",
      "2026-11-01T18:15Z",
      "2026-11-02T06:15Z",
    ]);
    expect(dues("0 2 * * *", november)).toEqual(["2026-11-01T07:00Z", "2026-11-02T07:00Z"]);
  });

  test("does not fire in the second pass when asked in the middle of it", () => {
    const timing = cron("30 1 * * *", NEW_YORK);

    expect(iso(nextDue(timing, at("2026-11-01T06:10Z")))).toBe("2026-11-02T06:30Z");
  });

  test("fires in both passes by elapsed time, and under dst literal", () => {
    const night = { zone: NEW_YORK, after: "2026-11-01T03:59Z", until: "2026-11-01T07:00Z" };

    expect(dues("0 * * * *", night)).toEqual([
      "2026-11-01T04:00Z",
      "2026-11-01T05:00Z",
      "2026-11-01T06:00Z",
      "2026-11-01T07:00Z",
    ]);
    expect(dues("30 1 * * *", { ...night, dst: "literal" })).toEqual([
      "2026-11-01T05:30Z",
      "2026-11-01T06:30Z",
    ]);
    expect(dues("30 1 * * *", { ...night, dst: "skip" })).toEqual(["2026-11-01T05:30Z"]);
  });

  test("fires a yearly time of the repeated hour in both passes under dst literal", () => {
    const years = { zone: NEW_YORK, after: "2026-11-01T05:30Z", until: "2028-01-01T00:00Z" };

    expect(dues("30 1 1 11 *", { ...years, dst: "literal" })).toEqual([
      "2026-11-01T06:30Z",
      "2027-11-01T05:30Z",
    ]);
  });

  test("keeps to the first pass in London and in Lord Howe's half hour", () => {
    // London, 25 October 2026: 02:00 BST = 01:00Z becomes 01:00 GMT.
    const london = { zone: LONDON, after: "2026-10-24T12:00Z", until: "2026-10-26T12:00Z" };
    expect(dues("30 1 * * *", london)).toEqual(["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);

    // Lord Howe, 4 April 2027: 02:00 (+11) = 15:00Z of the day before becomes 01:30 (+10:30).
    const howe = { zone: LORD_HOWE, after: "2027-04-03T00:00Z", until: "2027-04-05T00:00Z" };
    expect(dues("45 1 * * *", howe)).toEqual(["2027-04-03T14:45Z", "2027-04-04T15:15Z"]);
  });
});

describe("a cron schedule over a year", () => {
  for (const zone of ["UTC", NEW_YORK, LONDON, LORD_HOWE, "Asia/Kolkata", "Africa/Casablanca"]) {
    test(`fires every fixed time exactly once a day in ${zone}`, () => {
      for (let quarter = 0; quarter < 16; quarter += 1) {
        const timing = cron(`${(quarter % 4) * 15} ${Math.floor(quarter / 4)} * * *`, zone);
        const year = { after: at("2026-07-01T12:00Z"), until: at("2027-07-01T12:00Z"), max: 1_000 };

        expect(duesBetween(timing, year)).toHaveLength(365);
      }
    });
  }

  test("fires six fields by the second, L, # and names on their days", () => {
    const utc = { zone: "UTC", after: "2026-11-22T00:00Z", until: "2027-01-01T00:00Z" };

    expect(dues("0 12 L * *", utc)).toEqual(["2026-11-30T12:00Z", "2026-12-31T12:00Z"]);
    expect(dues("0 9 * * MON#2", utc)).toEqual(["2026-12-14T09:00Z"]);
    expect(dues("0 9 24 DEC *", utc)).toEqual(["2026-12-24T09:00Z"]);
    expect(nextDue(cron("*/10 * * * * *", "UTC"), at("2026-11-22T00:00:05.500Z"))).toBe(
      at("2026-11-22T00:00:10Z"),
    );
  });

  test("answers a time strictly after the one given, also to the millisecond", () => {
    const timing = cron("0 2 * * *", "UTC");

    expect(nextDue(timing, at("2026-11-22T01:59:59.999Z"))).toBe(at("2026-11-22T02:00Z"));
    expect(nextDue(timing, at("2026-11-22T02:00Z"))).toBe(at("2026-11-23T02:00Z"));
    expect(nextDue(timing, at("2026-11-22T02:00:00.001Z"))).toBe(at("2026-11-23T02:00Z"));
  });
});

describe("an interval", () => {
  const timing: Timing = { kind: "every", everyMs: 900_000, anchor: at("2026-11-22T00:05Z") };

  test("keeps its rhythm before and after its anchor", () => {
    expect(iso(nextDue(timing, at("2026-11-22T00:05Z")))).toBe("2026-11-22T00:20Z");
    expect(iso(nextDue(timing, at("2026-11-21T23:00Z")))).toBe("2026-11-21T23:05Z");
    expect(iso(nextDue(timing, at("2026-11-22T00:19:59.999Z")))).toBe("2026-11-22T00:20Z");
  });
});

describe("a list of instants", () => {
  const timing: Timing = { kind: "at", at: [at("2026-11-22T00:00Z"), at("2026-12-24T18:00Z")] };

  test("answers each once and then nothing", () => {
    expect(iso(nextDue(timing, at("2026-11-01T00:00Z")))).toBe("2026-11-22T00:00Z");
    expect(iso(nextDue(timing, at("2026-11-22T00:00Z")))).toBe("2026-12-24T18:00Z");
    expect(nextDue(timing, at("2026-12-24T18:00Z"))).toBeUndefined();
  });
});

describe("duesBetween()", () => {
  test("leaves out the start, takes in the end, and stops at the maximum", () => {
    const timing = cron("0 * * * *", "UTC");
    const range = { after: at("2026-11-22T00:00Z"), until: at("2026-11-22T03:00Z") };

    expect(duesBetween(timing, { ...range, max: 10 }).map(iso)).toEqual([
      "2026-11-22T01:00Z",
      "2026-11-22T02:00Z",
      "2026-11-22T03:00Z",
    ]);
    expect(duesBetween(timing, { ...range, max: 2 })).toHaveLength(2);
  });
});

interface Range {
  readonly zone: string;
  readonly after: string;
  readonly until: string;
  readonly dst?: DstPolicy;
}

function dues(expression: string, { zone, after, until, dst }: Range): readonly string[] {
  const range = { after: at(after), until: at(until), max: 100 };
  return duesBetween(cron(expression, zone, dst), range).map(iso);
}

function cron(expression: string, timezone: string, dst: DstPolicy = "once"): Timing {
  return { kind: "cron", cron: expression, timezone, dst };
}

function at(text: string): Instant {
  return instant(Date.parse(text));
}

function iso(at: Instant | undefined): string {
  return at === undefined ? "never" : isoOf(at).replace(":00.000Z", "Z");
}
