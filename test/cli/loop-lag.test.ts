import { expect, test } from "bun:test";
import { watchLoopLag } from "../../src/loop-lag.ts";
import { until } from "../support/until.ts";

test("the longest wait of the loop is the one that somebody caused", async () => {
  const lag = watchLoopLag(5);
  const end = performance.now() + 200;
  while (performance.now() < end) {
    // Nothing else gets its turn.
  }
  expect(await until("the wait is seen", () => lag.longestMs() >= 150)).toBe(true);
});
