import { describe, expect, test } from "bun:test";
import { readFields } from "../../src/crontab/fields.ts";
import { instant } from "../../src/domain/instant.ts";
import { duesBetween } from "../../src/schedule/due-times.ts";
import { readTiming } from "../../src/schedule/read-timing.ts";
import { startsOf } from "./crond.ts";
import { numbersFrom } from "./numbers-from.ts";

function read(fields: string) {
  return readFields(fields.split(" "));
}

function cronOf(fields: string): string {
  const answer = read(fields);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.cron;
}

/** The due times of what was made of the fields, in UTC. */
function duesOf(fields: string, { from, until }: { from: number; until: number }): number[] {
  const answer = readTiming({ cron: cronOf(fields), timezone: "UTC" });
  if (!answer.ok) throw new Error(answer.message);
  const range = { after: instant(from - 1), until: instant(until - 1), max: 1e6 };
  return [...duesBetween(answer.timing, range)];
}

describe("the five fields", () => {
  test.each([
    "17 * * * *",
    "09,39 * * * *",
    "5-55/10 * * * *",
    "30 7-23 * * *",
    "0 0 1,15 jan-mar MON",
    "5 4 * * sun",
    "30 4 1,15 * 5",
    "0 0 * * 7",
  ])("are carried over as they are: %s", (fields) => {
    expect(read(fields)).toEqual({ ok: true, cron: fields, remarks: [] });
  });

  test.each([
    ["61 * * * *", 'minute "61"', '"61" is not a number from 0 to 59'],
    ["* 24 * * *", 'hour "24"', '"24" is not a number from 0 to 23'],
    ["* * 0 * *", 'day of month "0"', '"0" is not a number from 1 to 31'],
    ["* * * foo *", 'month "foo"', '"foo" is not a number from 1 to 12, or jan, feb'],
    ["* * * * monday", 'day of week "monday"', "or sun, mon"],
    ["5/15 * * * *", 'minute "5/15"', "a step needs a range: 5-59/15, or */15"],
    ["*/0 * * * *", 'minute "*/0"', "a step of 0 leads nowhere"],
    ["50-10 * * * *", 'minute "50-10"', "the range 50-10 begins after its end"],
    ["* * * * fri-sun", 'day of week "fri-sun"', "the range fri-sun begins after its end"],
    ["* * L * *", 'day of month "L"', '"L" is not a number'],
    ["? * * * *", 'minute "?"', 'crond knows no "?"'],
    ["1, * * * *", 'minute "1,"', 'crond knows no ""'],
    ["1~70 * * * *", 'minute "1~70"', '"70" is not a number'],
    ["0~30/5 * * * *", 'minute "0~30/5"', 'crond knows no "0~30/5"'],
  ])("are refused where crond refuses them: %s", (fields, what, why) => {
    const answer = read(fields);

    expect(answer.ok ? answer.cron : answer.reason).toStartWith(`Cannot read ${what}: `);
    expect(answer.ok ? answer.cron : answer.reason).toContain(why);
  });

  test("have to fit both days when one of them begins with a star, as with crond", () => {
    expect(cronOf("0 0 */2 * 1")).toBe("0 0 */2 * +1");
    expect(cronOf("0 0 1 * */2")).toBe("0 0 1 * +*/2");
    expect(cronOf("0 0 */2 * *")).toBe("0 0 */2 * *");
    expect(cronOf("0 0 1-31 * 1")).toBe("0 0 1-31 * 1");
    expect(read("0 0 */2 * 1")).toMatchObject({ remarks: [expect.stringContaining('"+"')] });
  });

  test("keep to one number where crond picks one at random", () => {
    const first = read("0~59 ~6 20~ * 1~5");
    const numbers = cronOf("0~59 ~6 20~ * 1~5").split(" ").map(Number);

    expect(read("0~59 ~6 20~ * 1~5")).toEqual(first);
    expect(numbers[0]).toBeWithin(0, 60);
    expect(numbers[1]).toBeWithin(0, 7);
    expect(numbers[2]).toBeWithin(20, 32);
    expect(numbers[4]).toBeWithin(1, 6);
    expect(first).toMatchObject({
      remarks: {
        length: 4,
        0: `crond picks the minute in 0~59 at random when it starts; here it is ${numbers[0]}`,
      },
    });
  });

  test("with a step beyond the field mean its first value, and stay by elapsed time", () => {
    expect(cronOf("*/100 */30 */40 */13 */9")).toBe("*/60 */24 */31 */12 +*/7");
  });
});

const WORDS = {
  month: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
  day: "sun mon tue wed thu fri sat".split(" "),
};

function anyLine(pick: (below: number) => number): string {
  const item = (low: number, high: number, words: readonly string[] = []): string => {
    const say = (n: number) => (pick(3) === 0 ? (words[n - low] ?? String(n)) : String(n));
    const from = low + pick(high - low + 1);
    const to = from + pick(high - from + 1);
    const step = pick(3) === 0 ? `/${1 + pick(high + 5)}` : "";
    return [`*${step}`, say(from), `${say(from)}-${say(to)}${step}`][pick(3)] ?? "*";
  };
  const field = (low: number, high: number, words?: readonly string[]) =>
    Array.from({ length: 1 + (pick(4) === 0 ? pick(3) : 0) }, () => item(low, high, words)).join(
      ",",
    );
  const month = pick(2) === 0 ? "*" : field(1, 12, WORDS.month);
  return [field(0, 59), field(0, 23), field(1, 31), month, field(0, 7, WORDS.day)].join(" ");
}

describe("what is made of the fields", () => {
  const year = { from: Date.UTC(2027, 0, 1), until: Date.UTC(2028, 0, 1) };

  test("is due exactly when crond starts it, for any line over a month", () => {
    const pick = numbersFrom(2_026);
    for (let count = 0; count < 400; count += 1) {
      const line = anyLine(pick);
      const month = {
        from: Date.UTC(2026, count % 12, 1),
        until: Date.UTC(2026, (count % 12) + 1, 1),
      };

      expect(`${line}: ${duesOf(line, month)}`).toBe(`${line}: ${startsOf(line, month)}`);
    }
  }, 60_000);

  test.each([
    "0 0 */2 * 1",
    "0 0 1 * */2",
    "0 0 13 * 5",
    "0 0 *,5 * 1",
    "0 0 29 2 mon",
    "0 0 31 * 7",
  ])("is due exactly when crond starts it, over a year: %s", (line) => {
    expect(duesOf(line, year)).toEqual(startsOf(line, year));
  });
});
