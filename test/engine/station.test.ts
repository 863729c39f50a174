import { describe, expect, test } from "bun:test";
import { instant } from "../../src/domain/instant.ts";
import { dueHeap } from "../../src/engine/due-heap.ts";
import { createHeartbeat } from "../../src/engine/heartbeat.ts";
import { startStation } from "../../src/engine/station.ts";
import { createLog } from "../../src/log.ts";
import { NOON } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const quiet = createLog({ format: "json", level: "error", write: () => {} });
const options = { name: "test", clock: () => instant(Date.now()), log: quiet };

describe("a station", () => {
  test("asked many times before its pass begins makes one, and one more if asked during it", async () => {
    const passes: (() => void)[] = [];
    const station = startStation(
      () => new Promise((resolve) => passes.push(() => resolve(undefined))),
      options,
    );

    station.wake();
    station.wake();
    station.wake();
    expect(passes).toHaveLength(1);
    passes[0]?.();
    while (passes.length < 2) await new Promise((resolve) => setImmediate(resolve));
    passes[1]?.();
    await station.stop();

    expect(passes).toHaveLength(2);
  });

  test("wakes itself at the time its pass asked for, and never before", async () => {
    const woken = Promise.withResolvers<number>();
    const due = instant(Date.now() + 30);
    let passes = 0;
    const station = startStation(() => {
      passes += 1;
      if (passes === 2) woken.resolve(Date.now());
      return passes === 1 ? due : undefined;
    }, options);

    station.wake();

    expect(await woken.promise).toBeGreaterThanOrEqual(due);
    await station.stop();
  });

  test("goes on after a pass that threw, and can be stopped twice", async () => {
    let passes = 0;
    const station = startStation(() => {
      passes += 1;
      throw new Error("a bug");
    }, options);

    station.wake();
    while (passes === 0) await new Promise((resolve) => setImmediate(resolve));
    station.wake();
    while (passes === 1) await new Promise((resolve) => setImmediate(resolve));
    await station.stop();
    await station.stop();
    station.wake();

    expect(passes).toBe(2);
  });
});

test("the heartbeat notices a clock that jumps, forward and back, and none that merely goes on", async () => {
  const clock = virtualClock(NOON);
  let jumps = 0;
  const beats: number[] = [];
  const beat = createHeartbeat({
    store: { beat: async (now) => void beats.push(now), trouble: () => undefined },
    clock: clock.now,
    log: quiet,
    clockJumpMs: 90_000,
    onJump: () => {
      jumps += 1;
    },
  });

  clock.advance(5_000);
  await beat();
  expect(jumps).toBe(0);
  clock.advance(3 * 3_600_000);
  await beat();
  clock.advance(-3_600_000);
  await beat();

  expect(jumps).toBe(2);
  expect(beats).toHaveLength(3);
});

test("the heap gives back what is due, earliest first, whatever the order it came in", () => {
  const heap = dueHeap<number>();
  const dues = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 500);
  for (const due of dues) heap.push(instant(due), due);

  expect(heap.nextDueAt()).toBe(instant(0));
  expect(heap.takeDue(instant(249))).toEqual(Array.from({ length: 250 }, (_, index) => index));
  expect(heap.size()).toBe(250);
  expect(heap.takeDue(instant(1_000)).at(-1)).toBe(499);
  expect(heap.nextDueAt()).toBeUndefined();
});
