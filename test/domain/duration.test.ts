import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { durationInWords, durationMs } from "../../src/domain/duration.ts";

describe("durationMs()", () => {
  const READABLE: readonly (readonly [string | number, number])[] = [
    [0, 0],
    [1_500, 1_500],
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["15m", 900_000],
    ["1h30m", 5_400_000],
    ["2h5m", 7_500_000],
    ["90d", 7_776_000_000],
    ["36500d", 3_153_600_000_000],
    ["1d1h1m1s1ms", 90_061_001],
  ];
  for (const [duration, ms] of READABLE) {
    test(`reads ${JSON.stringify(duration)} as ${ms} ms`, () => {
      expect(durationMs(duration)).toBe(ms);
    });
  }

  const UNREADABLE: readonly unknown[] = [
    "",
    "s",
    "30",
    "30 s",
    " 30s",
    "-30s",
    "1e3s",
    "30sec",
    "1h-30m",
    ".5s",
    "1.s",
    `${"9".repeat(400)}d`,
    "36500d1ms",
    3_153_600_000_001,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    null,
    true,
    ["30s"],
    { s: 30 },
  ];
  for (const value of UNREADABLE) {
    test(`answers undefined for ${String(JSON.stringify(value)).slice(0, 40)}`, () => {
      expect(durationMs(value)).toBeUndefined();
    });
  }
});

describe("durationInWords()", () => {
  const WORDS: readonly (readonly [number, string])[] = [
    [0, "0ms"],
    [850, "850ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [12_400, "12.4s"],
    [59_999, "59.9s"],
    [60_000, "1m"],
    [200_000, "3m 20s"],
    [3_599_999, "59m 59s"],
    [3_600_000, "1h"],
    [7_500_000, "2h 5m"],
    [86_400_000, "1d"],
    [356_400_000, "4d 3h"],
  ];
  for (const [ms, words] of WORDS) {
    test(`says ${ms} ms as "${words}"`, () => {
      expect(durationInWords(ms)).toBe(words);
    });
  }

  test("never says more than there is, and reads back within a part of its unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (ms) => {
        const back = durationMs(durationInWords(ms).replace(" ", "")) ?? Number.NaN;

        expect(back).toBeLessThanOrEqual(ms);
        expect(ms - back).toBeLessThan(Math.max(1, ms * 0.1));
      }),
    );
  });
});
