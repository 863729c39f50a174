import { expect, test } from "bun:test";
import { startLongTimer } from "../../src/sdk/long-timer.ts";

test("a wait that is longer than timers can be is made of several", async () => {
  const began = performance.now();
  await new Promise<void>((resolve) => void startLongTimer(60, resolve, 7));

  expect(performance.now() - began).toBeGreaterThanOrEqual(59);
});

test("a wait of months does not fire at once, and can be given up", async () => {
  let fired = false;
  const timer = startLongTimer(90 * 86_400_000, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => void startLongTimer(30, resolve));
  timer.clear();

  expect(fired).toBe(false);
});
