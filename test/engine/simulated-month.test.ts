import { expect, test } from "bun:test";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { advance } from "../../src/domain/advance.ts";
import type { FlowSpec, Timing } from "../../src/domain/flow.ts";
import type { FlowName, ScheduleKey } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import {
  openSchedulePauses,
  pauseSchedules,
  resumeSchedules,
} from "../../src/engine/schedule-pauses.ts";
import { createTick } from "../../src/engine/tick.ts";
import { listRunsById } from "../../src/store/open-runs.ts";
import type { Store } from "../../src/store/open-store.ts";
import { type Chance, chanceOf } from "../support/chance.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { temporaryFolder, temporaryStore } from "../support/stores.ts";
import { type VirtualClock, virtualClock } from "../support/virtual-clock.ts";
import { wrongDues } from "../support/wrong-dues.ts";
import { birthOn } from "./support/birth.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** In New York the clocks are put forward on 14 March 2027, in Vienna on 28 March. */
const BEGIN = instant(Date.UTC(2027, 2, 1, 4, 55));
const END = instant(BEGIN + 31 * DAY);

function cron(expression: string, timezone: string): Timing {
  return { kind: "cron", cron: expression, timezone, dst: "once" };
}

function flowOf(name: string, timings: readonly Timing[], changes: Partial<FlowSpec>): FlowSpec {
  const schedules = timings.map((timing, index) =>
    aSchedule(timing, { key: `${name}-${index}` as ScheduleKey }),
  );
  return aFlow({ name: name as FlowName, schedules, ...changes });
}

const FLOWS: readonly FlowSpec[] = [
  flowOf("gap", [cron("30 2 * * *", "America/New_York"), cron("15,45 2 * * *", "Europe/Vienna")], {
    overlap: "skip",
  }),
  flowOf("often", [cron("*/20 * * * *", "America/New_York")], { overlap: "skip" }),
  flowOf("catching-up", [cron("0 * * * *", "Europe/Vienna")], {
    overlap: "queue-all",
    missed: { policy: "all", windowMs: 6 * HOUR, max: 4 },
  }),
  flowOf("forgetful", [{ kind: "every", everyMs: 7 * MINUTE, anchor: BEGIN }], {
    overlap: "queue-one",
    missed: { policy: "skip", windowMs: DAY, max: 1 },
  }),
  flowOf("impatient", [cron("10 */2 * * *", "UTC")], { overlap: "cancel-running" }),
  flowOf("side-by-side", [cron("5 0 * * *", "Europe/Vienna"), cron("5 0 * * *", "UTC")], {
    overlap: "allow",
  }),
];

/** One life of a daemon's schedules on a store. */
function liveOn(folder: string, clock: VirtualClock) {
  const store = temporaryStore(folder);
  const pauses = openSchedulePauses(store);
  const birth = birthOn(store);
  const tick = createTick({
    ...birth,
    clock: clock.now,
    onBorn: () => {},
    missedGraceMs: MINUTE,
    isPaused: pauses.isPaused,
  });
  void tick.useGeneration(aGeneration(FLOWS));
  const flowNamed = (name: string) => FLOWS.find((flow) => flow.name === name);
  return {
    folder,
    store,
    tick,
    cancelled: birth.cancelled,
    pausing: { store, clock: clock.now, tick, pauses, flowNamed },
  };
}

/** What a daemon that is killed now leaves: the files as they are, without what it was about to write. */
function killed({ folder, store }: { folder: string; store: Store }, now: Instant): string {
  const left = temporaryFolder();
  for (const name of ["state.db", "state.db-wal"]) {
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(left, name));
  }
  void store.close(now);
  return left;
}

/** Lets some of the open runs come to their end, those that were told to make way among them. */
async function endSomeRuns(store: Store, now: Instant, isChosen: () => boolean): Promise<void> {
  const open = store.reader.all<{ id: string }>(
    "SELECT id FROM run WHERE state_type = 'SCHEDULED'",
  );
  const ids = open
    .filter(isChosen)
    .map(({ id }) => id as Parameters<typeof listRunsById>[1][number]);
  await Promise.all(
    listRunsById(store.reader, ids).map(async (run) => {
      const submit = advance(run, { type: "submit" }, now);
      const start = advance(submit.after, { type: "start" }, now);
      const end = advance(start.after, { type: "succeed" }, now);
      await Promise.all([submit, start, end].map((step) => store.saveRunStep(step)));
    }),
  );
}

/** A month in the life of a daemon that is killed and paused again and again. */
async function simulateMonth(seed: number) {
  const chance = chanceOf(seed);
  const clock = virtualClock(BEGIN);
  let life = liveOn(temporaryFolder(), clock);
  let kills = 0;
  while (clock.now() < END) {
    clock.advance(1 + chance.upTo(40 * MINUTE));
    const pass = life.tick.pass();
    pass.catch(() => {});
    if (chance.oneIn(25)) {
      kills += 1;
      life = await killAndRestart(life, { clock, chance, pass });
      continue;
    }
    await pass;
    if (chance.oneIn(2)) await endSomeRuns(life.store, clock.now(), () => !chance.oneIn(3));
    await pauseOrResume(life, chance);
  }
  await life.tick.pass();
  return { store: life.store, kills, now: clock.now() };
}

interface Fate {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** What is under way. */
  readonly pass: Promise<unknown>;
}

/** Killed with all of it saved, with nothing of it, or somewhere between; at once there again, or hours later. */
async function killAndRestart(life: ReturnType<typeof liveOn>, { clock, chance, pass }: Fate) {
  if (chance.oneIn(3)) await pass;
  else if (chance.oneIn(2)) await Promise.resolve();
  const left = killed(life, clock.now());
  if (chance.oneIn(2)) clock.advance(chance.upTo(9 * HOUR));
  return liveOn(left, clock);
}

async function pauseOrResume(
  { pausing }: ReturnType<typeof liveOn>,
  chance: Chance,
): Promise<void> {
  if (!chance.oneIn(40)) return;
  const flow = FLOWS[chance.upTo(FLOWS.length)]?.name ?? "";
  const isPaused = pausing.pauses.of(flow).length > 0;
  await (isPaused ? resumeSchedules : pauseSchedules)({ flow, by: "test" }, pausing);
}

test.each([1, 2])(
  "a month of schedules, pauses and kills leaves every due time with one run or one decision (seed %p)",
  async (seed) => {
    const { store, kills, now } = await simulateMonth(seed);

    expect(kills).toBeGreaterThan(20);
    expect(wrongDues(store, FLOWS, { from: BEGIN, now })).toEqual([]);
    const [{ runs } = { runs: 0 }] = store.reader.all<{ runs: number }>(
      "SELECT count(*) AS runs FROM run",
    );
    expect(runs).toBeGreaterThan(500);
    await store.close(now);
  },
  180_000,
);
