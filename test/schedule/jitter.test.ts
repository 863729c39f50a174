import { describe, expect, test } from "bun:test";
import { instant } from "../../src/domain/instant.ts";
import { jitterMs } from "../../src/schedule/jitter.ts";

const due = instant(Date.UTC(2026, 10, 22, 2));
const next = instant(Date.UTC(2026, 10, 23, 2));

describe("jitterMs()", () => {
  test("is the same for the same flow and due time", () => {
    expect(jitterMs("report", { due, next }, 60_000)).toBe(
      jitterMs("report", { due, next }, 60_000),
    );
  });

  test("spreads a thousand flows evenly over the jitter", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let flow = 0; flow < 1_000; flow += 1) {
      const tenth = Math.floor(jitterMs(`flow-${flow}`, { due, next }, 60_000) / 6_000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }

    expect(Math.min(...tenths)).toBeGreaterThan(60);
    expect(Math.max(...tenths)).toBeLessThan(140);
  });

  test("never reaches the next due time", () => {
    const soon = instant(due + 1_000);

    for (let flow = 0; flow < 1_000; flow += 1) {
      expect(jitterMs(`flow-${flow}`, { due, next: soon }, 60_000)).toBeLessThan(1_000);
    }
  });

  test("is nothing without a jitter, and whole without a next due time", () => {
    expect(jitterMs("report", { due, next }, 0)).toBe(0);
    expect(jitterMs("report", { due, next: undefined }, 60_000)).toBeLessThan(60_000);
  });
});
