import { describe, expect, test } from "bun:test";
import { Cron } from "croner";
import fc from "fast-check";
import { cronPattern } from "../../src/schedule/cron-pattern.ts";

const NAMED_DAYS = ["L", "LW", "?", "15W", "1W", "31W", "L,15", "1,15W", "*,L", "30W,2"];
const NAMED_MONTHS = ["JAN", "feb", "JAN-MAR", "OCT,dec", "2-NOV"];
const NAMED_WEEKDAYS = [
  ...["SUN", "mon", "MON-FRI", "FRI-SUN", "SUN-TUE", "SAT,SUN", "MON-FRI/2", "?", "7", "0-7"],
  ...["5L", "FRIL", "5#L", "MON#2", "1#5", "MON#1,FRI#3", "1-5#2", "1-3L", "*/2#1", "+MON", "+1-5"],
];

/** Expressions of five and six fields with all that croner reads. */
const EXPRESSIONS = fc
  .tuple(
    fc.option(field(0, 59), { nil: undefined }),
    field(0, 59),
    field(0, 23),
    fc.oneof({ weight: 2, arbitrary: field(1, 31) }, fc.constantFrom(...NAMED_DAYS)),
    fc.oneof({ weight: 2, arbitrary: field(1, 12) }, fc.constantFrom(...NAMED_MONTHS)),
    fc.oneof({ weight: 2, arbitrary: field(0, 7) }, fc.constantFrom(...NAMED_WEEKDAYS)),
  )
  .map((fields) => fields.filter((text) => text !== undefined).join(" "));

const FROM = fc.date({
  min: new Date("1999-01-01T00:00:00Z"),
  max: new Date("2110-01-01T00:00:00Z"),
  noInvalidDate: true,
});

describe("cronPattern()", () => {
  const CASES = Number(process.env["TOCSIN_CRON_CASES"] ?? 5_000);

  test("matches the wall times that croner matches", () => {
    const property = fc.property(EXPRESSIONS, FROM, (expression, from) => {
      const croners = new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0 });
      const expected = croners.nextRun(new Date(from.getTime() - 1))?.getTime();

      expect(cronPattern(expression).firstMatch(from.getTime())).toBe(expected);
    });

    fc.assert(property, { numRuns: CASES });
  }, 3_600_000);

  test("finds a rare day over many years, and none that never comes", () => {
    const from = Date.UTC(2096, 1, 29, 0, 0, 1);

    expect(cronPattern("0 0 29 2 *").firstMatch(from)).toBe(Date.UTC(2104, 1, 29));
    expect(cronPattern("0 0 29 2 +MON").firstMatch(from)).toBe(Date.UTC(2112, 1, 29));
    expect(cronPattern("0 0 31 2 *").firstMatch(from)).toBeUndefined();
  });

  test("takes a pattern as due by elapsed time if second, minute or hour starts with a star", () => {
    const byElapsedTime = ["* 2 * * *", "0 */2 * * *", "*/5 0 2 * * *", "@hourly", "? 2 * * *"];
    const fixed = ["0 2 * * *", "0-59 2 * * *", "0 0-23 * * *", "@daily", "0 0 2 * * *"];

    expect(byElapsedTime.filter((cron) => !cronPattern(cron).intervalLike)).toEqual([]);
    expect(fixed.filter((cron) => cronPattern(cron).intervalLike)).toEqual([]);
  });
});

function field(min: number, max: number): fc.Arbitrary<string> {
  const number = fc.integer({ min, max });
  const step = fc.integer({ min: 1, max: Math.min(9, max - min) });
  const range = fc
    .tuple(number, number)
    .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`);
  const item = fc.oneof(
    number.map(String),
    range,
    fc.tuple(range, step).map((parts) => parts.join("/")),
    step.map((every) => `*/${every}`),
  );
  const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
  return fc.oneof(fc.constant("*"), list);
}
