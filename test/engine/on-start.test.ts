import { expect, test } from "bun:test";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { instant, isoOf } from "../../src/domain/instant.ts";
import { createTick } from "../../src/engine/tick.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { Store } from "../../src/store/open-store.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { birthOn } from "./support/birth.ts";

const ON_START = { kind: "start" } as const;

function aBootFlow(key = "boot"): FlowSpec {
  const schedules = [aSchedule(ON_START, { key: key as ScheduleKey })];
  return aFlow({ overlap: "allow", schedules });
}

/** A daemon's tick, as its start leaves it. */
function started(store: Store, now = NOON) {
  const clock = virtualClock(now);
  const deps = { ...birthOn(store), clock: clock.now, onBorn: () => {}, missedGraceMs: 60_000 };
  return { clock, tick: createTick(deps) };
}

async function dueTimes(store: Store): Promise<readonly string[]> {
  const runs = await historyOf(store.reader).listRuns({ limit: 200 });
  return runs.map((run) => isoOf(run.scheduledFor ?? instant(0)).slice(11, 19)).sort();
}

test("a schedule on start is due once each time the daemon starts", async () => {
  const store = temporaryStore();
  for (const hour of [0, 1, 2]) {
    const { clock, tick } = started(store, instant(NOON + hour * 3_600_000));
    await tick.useGeneration(aGeneration([aBootFlow()]));
    await tick.pass();
    clock.advance(60_000);
    await tick.pass();
  }

  expect(await dueTimes(store)).toEqual(["12:00:00", "13:00:00", "14:00:00"]);
});

test("a schedule on start is not due when the config is read again, also if it is new in it", async () => {
  const store = temporaryStore();
  const { clock, tick } = started(store);
  await tick.useGeneration(aGeneration([aBootFlow()]));
  await tick.pass();

  clock.advance(5_000);
  await tick.useGeneration(aGeneration([aBootFlow()]));
  await tick.pass();
  await tick.useGeneration(aGeneration([aBootFlow("another")]));
  await tick.pass();

  expect(await dueTimes(store)).toEqual(["12:00:00"]);
  expect(tick.troubles()).toEqual([]);
});

test("a schedule on start is due also where the clock was put back before the daemon started again", async () => {
  const store = temporaryStore();
  for (const hour of [0, -2]) {
    const { tick } = started(store, instant(NOON + hour * 3_600_000));
    await tick.useGeneration(aGeneration([aBootFlow()]));
    await tick.pass();
  }

  expect(await dueTimes(store)).toEqual(["10:00:00", "12:00:00"]);
});
