import { describe, expect, test } from "bun:test";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { instant, isoOf } from "../../src/domain/instant.ts";
import { createTick } from "../../src/engine/tick.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { Store } from "../../src/store/open-store.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { birthOn } from "./support/birth.ts";

const MINUTE = 60_000;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;

function hourly(changes: Partial<FlowSpec> = {}): FlowSpec {
  return aFlow({ overlap: "allow", schedules: [aSchedule(HOURLY)], ...changes });
}

function ticking(flow: FlowSpec, store = temporaryStore()) {
  const clock = virtualClock(NOON);
  const tick = createTick({
    ...birthOn(store),
    clock: clock.now,
    onBorn: () => {},
    missedGraceMs: MINUTE,
  });
  void tick.useGeneration(aGeneration([flow]));
  return { store, clock, tick };
}

async function dueTimes(store: Store): Promise<readonly string[]> {
  const runs = await historyOf(store.reader).listRuns({ limit: 200 });
  return runs.map((run) => isoOf(run.scheduledFor ?? instant(0)).slice(11, 16)).reverse();
}

function decisions(store: Store): readonly string[] {
  return store.reader
    .all<{ kind: string; due_at: number }>("SELECT kind, due_at FROM decision ORDER BY due_at")
    .map(({ kind, due_at }) => `${kind} ${isoOf(instant(due_at)).slice(11, 16)}`);
}

describe("the tick", () => {
  test("makes one run of each due time, and says when the next is", async () => {
    const { store, clock, tick } = ticking(hourly());
    expect(await tick.pass()).toBe(at(60 * MINUTE));

    clock.advance(60 * MINUTE);
    expect(await tick.pass()).toBe(at(120 * MINUTE));
    expect(await tick.pass()).toBe(at(120 * MINUTE));

    expect(await dueTimes(store)).toEqual(["13:00"]);
  });

  test("never starts early, not by a millisecond", async () => {
    const { store, clock, tick } = ticking(hourly());

    clock.advance(60 * MINUTE - 1);
    await tick.pass();

    expect(await dueTimes(store)).toEqual([]);
  });

  test("runs the latest of several missed due times and records the others", async () => {
    const { store, clock, tick } = ticking(hourly());

    clock.advance(185 * MINUTE);
    await tick.pass();

    expect(await dueTimes(store)).toEqual(["15:00"]);
    expect(decisions(store)).toEqual(["missed 13:00", "missed 14:00"]);
  });

  test("catches up on all of them, or on none, where the flow says so", async () => {
    const all = ticking(hourly({ missed: { policy: "all", windowMs: 100 * MINUTE, max: 100 } }));
    const none = ticking(hourly({ missed: { policy: "skip", windowMs: 100 * MINUTE, max: 100 } }));

    for (const { clock, tick } of [all, none]) {
      clock.advance(185 * MINUTE);
      await tick.pass();
    }

    expect(await dueTimes(all.store)).toEqual(["14:00", "15:00"]);
    expect(decisions(all.store)).toEqual(["missed 13:00"]);
    expect(await dueTimes(none.store)).toEqual([]);
    expect(decisions(none.store)).toEqual(["missed 13:00", "missed 14:00", "missed 15:00"]);
  });

  test("skips a due time while the run before it is open, and says which run blocked it", async () => {
    const { store, clock, tick } = ticking(hourly({ overlap: "skip" }));

    clock.advance(60 * MINUTE);
    await tick.pass();
    clock.advance(60 * MINUTE);
    await tick.pass();

    const [open] = await historyOf(store.reader).listRuns({ limit: 10 });
    expect(await dueTimes(store)).toEqual(["13:00"]);
    expect(decisions(store)).toEqual(["skipped 14:00"]);
    expect(store.reader.all("SELECT blocked_by FROM decision")).toEqual([{ blocked_by: open?.id }]);
  });

  test("takes schedules of a flow that are due together in the order of the config", async () => {
    const keys = ["c", "a", "d", "b"] as const;
    const schedules = keys.map((key) => aSchedule(HOURLY, { key: key as ScheduleKey }));
    const { store, clock, tick } = ticking(hourly({ overlap: "skip", schedules }));

    clock.advance(60 * MINUTE);
    await tick.pass();

    const runs = await historyOf(store.reader).listRuns({ limit: 10 });
    expect(runs.map(({ schedule }) => schedule)).toEqual(["c" as ScheduleKey]);
    expect(decisions(store)).toEqual(["skipped 13:00", "skipped 13:00", "skipped 13:00"]);
  });

  test("goes on where the daemon before it stopped, and makes no due time twice", async () => {
    const { store, clock, tick } = ticking(hourly());
    clock.advance(60 * MINUTE);
    await tick.pass();

    const second = createTick({
      ...birthOn(store),
      clock: clock.now,
      onBorn: () => {},
      missedGraceMs: MINUTE,
    });
    await second.useGeneration(aGeneration([hourly()]));
    clock.advance(60 * MINUTE);
    await second.pass();
    clock.set(at(30 * MINUTE));
    await second.pass();

    expect(await dueTimes(store)).toEqual(["13:00", "14:00"]);
  });

  test("begins a changed schedule at now: nothing of the past is replayed", async () => {
    const { store, clock, tick } = ticking(hourly());
    clock.advance(90 * MINUTE);
    const halfHourly = { ...HOURLY, cron: "*/30 * * * *" };

    await tick.useGeneration(aGeneration([hourly({ schedules: [aSchedule(halfHourly)] })]));
    await tick.pass();
    clock.advance(30 * MINUTE);
    await tick.pass();

    expect(await dueTimes(store)).toEqual(["14:00"]);
    expect(decisions(store)).toEqual([]);
  });

  test("lets a run with jitter start later than it was due, by the same amount each time", async () => {
    const starts = [];
    for (let round = 0; round < 2; round += 1) {
      const { store, clock, tick } = ticking(
        hourly({ schedules: [aSchedule(HOURLY, { jitterMs: 30 * MINUTE })] }),
      );
      clock.advance(60 * MINUTE);
      await tick.pass();
      const [run] = await historyOf(store.reader).listRuns({ limit: 1 });
      expect(run?.scheduledFor).toBe(at(60 * MINUTE));
      starts.push(run?.state.type === "SCHEDULED" ? run.state.dueAt : 0);
    }

    expect(starts[0]).toBe(starts[1]);
    expect(starts[0]).toBeGreaterThan(at(60 * MINUTE));
    expect(starts[0]).toBeLessThan(at(90 * MINUTE));
  });

  test("leaves a paused schedule alone, and one whose time is over", async () => {
    const paused = ticking(hourly({ schedules: [aSchedule(HOURLY, { paused: true })] }));
    const over = ticking(hourly({ schedules: [aSchedule(HOURLY, { until: at(70 * MINUTE) })] }));

    for (const { clock, tick } of [paused, over]) {
      clock.advance(60 * MINUTE);
      await tick.pass();
      clock.advance(60 * MINUTE);
      expect(await tick.pass()).toBeUndefined();
    }

    expect(await dueTimes(paused.store)).toEqual([]);
    expect(await dueTimes(over.store)).toEqual(["13:00"]);
  });

  test("deals with a thousand schedules that are due at once, each exactly once", async () => {
    const store = temporaryStore();
    const flows = Array.from({ length: 1_000 }, (_, index) =>
      hourly({ name: `f${index}` as FlowSpec["name"] }),
    );
    const clock = virtualClock(NOON);
    const tick = createTick({
      ...birthOn(store),
      clock: clock.now,
      onBorn: () => {},
      missedGraceMs: MINUTE,
    });
    await tick.useGeneration(aGeneration(flows));

    clock.advance(60 * MINUTE);
    await Promise.all([tick.pass(), tick.pass()]);

    const [{ count } = { count: 0 }] = store.reader.all<{ count: number }>(
      "SELECT count(*) AS count FROM run GROUP BY scheduled_for",
    );
    expect(count).toBe(1_000);
  });
});
