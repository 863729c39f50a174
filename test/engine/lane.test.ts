import { describe, expect, test } from "bun:test";
import {
  expect as expectDue,
  isReady,
  newLane,
  noteFailure,
  noteSuccess,
  reopen,
  sharesOf,
  wantsAt,
} from "../../src/engine/lane.ts";
import { at, NOON } from "../support/stores.ts";

const AT_ONCE = { startedAt: NOON, endedAt: at(1) };
const SLOW = { startedAt: NOON, endedAt: at(30) };
const POSTED = {
  ...AT_ONCE,
  exchanges: [{ request: "POST http://127.0.0.1", startedAt: NOON, endedAt: at(1) }],
};

function laneAfter(failures: number) {
  const lane = newLane(1);
  lane.hasMore = true;
  for (let count = 0; count < failures; count += 1) noteFailure(lane, { now: NOON, chance: 0 });
  return lane;
}

describe("a hook's lane", () => {
  test("stays open through a few failures", () => {
    expect(isReady(laneAfter(7), NOON)).toBe(true);
  });

  test("is tried with one delivery at a time once nothing but failures comes, later and later", () => {
    const waits = [8, 9, 10, 14, 20, 40].map((failures) => wantsAt(laneAfter(failures), NOON));

    expect(waits).toEqual([1_000, 2_000, 4_000, 60_000, 60_000, 60_000].map(at));
    expect(laneAfter(8).width).toBe(1);
  });

  test("opens again step by step when the receiver is back", () => {
    const lane = laneAfter(20);
    const widths = [1, 2, 3, 4, 5, 6, 7].map(() => {
      noteSuccess(lane, POSTED);
      return lane.width;
    });

    expect(widths).toEqual([2, 4, 8, 16, 32, 64, 64]);
    expect(isReady(lane, NOON)).toBe(true);
  });

  test("becomes wider while its hook is over at once and talks to nobody", () => {
    const lane = laneAfter(0);
    const widths = [AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE, POSTED, SLOW].map(
      (one) => {
        noteSuccess(lane, one);
        return lane.width;
      },
    );

    expect(widths).toEqual([32, 64, 128, 256, 512, 512, 64, 64]);
  });

  test("waits for as long as its receiver asks, up to a minute", () => {
    const lane = laneAfter(0);
    noteFailure(lane, { now: NOON, chance: 0, retryAfterMs: 30_000 });
    expect(wantsAt(lane, NOON)).toBe(at(30_000));

    noteFailure(lane, { now: NOON, chance: 0, retryAfterMs: 3_600_000 });
    expect(wantsAt(lane, NOON)).toBe(at(60_000));
  });

  test("is tried at once when somebody asks for it", () => {
    const lane = laneAfter(30);
    reopen(lane);
    expect(isReady(lane, NOON)).toBe(true);
  });

  test("wants nothing while it is empty or full", () => {
    const lane = newLane(1);
    expect(wantsAt(lane, NOON)).toBeUndefined();
    expectDue(lane, at(5_000));
    expect(wantsAt(lane, NOON)).toBe(at(5_000));
    for (let no = 0; no < lane.width; no += 1) lane.inFlight.add(no);
    expect(wantsAt(lane, NOON)).toBeUndefined();
  });

  test("has its share of the room beside others, and alone leaves half of it", () => {
    const [busy, idle] = [newLane(1), newLane(2)];
    for (const lane of [busy, idle]) lane.width = 512;
    for (let no = 0; no < 400; no += 1) busy.inFlight.add(no);
    const shares = (room: number, ...lanes: readonly (typeof busy)[]) =>
      lanes.map((lane) => sharesOf(lanes, room).get(lane));

    expect(shares(600, idle)).toEqual([300]);
    expect(shares(600, busy)).toEqual([112]);
    expect(shares(600, busy, idle)).toEqual([112, 300]);
    expect(shares(1, busy, idle)).toEqual([0, 1]);
    expect(shares(0, busy)).toEqual([0]);
  });
});
