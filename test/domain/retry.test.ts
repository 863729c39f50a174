import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RetryDelay } from "../../src/domain/flow.ts";
import { retryDelayMs } from "../../src/domain/retry.ts";

const LIST: RetryDelay = { kind: "list", ms: [1_000, 5_000, 30_000] };
const DOUBLING: RetryDelay = {
  kind: "exponential",
  initialMs: 1_000,
  factor: 2,
  maxMs: 10_000,
  jitter: 0.5,
};

function delays(delay: RetryDelay, { retries = 5, chance = 0 } = {}): (number | undefined)[] {
  return [1, 2, 3, 4, 5, 6].map((failures) => retryDelayMs({ retries, delay }, failures, chance));
}

describe("retryDelayMs()", () => {
  test("goes through the list and stays at its last delay", () => {
    expect(delays(LIST)).toEqual([1_000, 5_000, 30_000, 30_000, 30_000, undefined]);
  });

  test("waits for nothing when the list is empty", () => {
    expect(delays({ kind: "list", ms: [] })).toEqual([0, 0, 0, 0, 0, undefined]);
  });

  test("grows by the factor up to the maximum", () => {
    expect(delays(DOUBLING)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, undefined]);
  });

  test("adds at most the share of jitter that chance says", () => {
    expect(delays(DOUBLING, { chance: 1 })).toEqual([
      1_500,
      3_000,
      6_000,
      12_000,
      15_000,
      undefined,
    ]);
    expect(retryDelayMs({ retries: 1, delay: DOUBLING }, 1, 0.5)).toBe(1_250);
  });

  test("allows no attempt after the last retry, and none at all without retries", () => {
    expect(retryDelayMs({ retries: 2, delay: LIST }, 2, 0)).toBe(5_000);
    expect(retryDelayMs({ retries: 2, delay: LIST }, 3, 0)).toBeUndefined();
    expect(retryDelayMs({ retries: 0, delay: LIST }, 1, 0)).toBeUndefined();
  });
});

describe("any retry policy", () => {
  const aDelay: fc.Arbitrary<RetryDelay> = fc.oneof(
    fc.record({
      kind: fc.constant("list" as const),
      ms: fc.array(fc.nat(100_000), { maxLength: 5 }),
    }),
    fc.record({
      kind: fc.constant("exponential" as const),
      initialMs: fc.nat(10_000),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxMs: fc.nat(1_000_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );
  const aChance = fc.double({ min: 0, max: 1, noNaN: true });

  test("allows exactly as many further attempts as it says", () => {
    fc.assert(
      fc.property(aDelay, fc.nat(20), aChance, (delay, retries, chance) => {
        let attempts = 1;
        while (retryDelayMs({ retries, delay }, attempts, chance) !== undefined) attempts += 1;
        expect(attempts).toBe(retries + 1);
      }),
    );
  });

  test("waits a whole number of milliseconds, never less than nothing, and with jitter never past twice its longest", () => {
    fc.assert(
      fc.property(aDelay, fc.integer({ min: 1, max: 50 }), aChance, (delay, failures, chance) => {
        const ms = retryDelayMs({ retries: 50, delay }, failures, chance) ?? -1;
        const longest = delay.kind === "list" ? Math.max(0, ...delay.ms) : delay.maxMs;
        expect(Number.isInteger(ms)).toBe(true);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(2 * longest);
      }),
    );
  });
});
