import { advance } from "../../../src/domain/advance.ts";
import type { FlowSpec } from "../../../src/domain/flow.ts";
import { systemRandom } from "../../../src/domain/ids.ts";
import type { Instant } from "../../../src/domain/instant.ts";
import { isoOf } from "../../../src/domain/instant.ts";
import type { Run } from "../../../src/domain/run.ts";
import { createBackfillMaker } from "../../../src/engine/make-backfills.ts";
import { createOpenRuns } from "../../../src/engine/open-runs.ts";
import { createScheduleCare } from "../../../src/engine/schedule-care.ts";
import { openSchedulePauses } from "../../../src/engine/schedule-pauses.ts";
import { createTick } from "../../../src/engine/tick.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { aGeneration } from "../../support/manifests.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";

const RETENTION_MS = 90 * 86_400_000;

/** The schedules of one life of a daemon: tick, pauses, backfills and explanations over a store. */
export function livingOn(store: Store, clock: VirtualClock, flows: readonly FlowSpec[]) {
  const pauses = openSchedulePauses(store);
  const openRuns = createOpenRuns(store);
  const cancelled: string[] = [];
  const tick = createTick({
    ...{ store, clock: clock.now, random: systemRandom, openRuns, missedGraceMs: 60_000 },
    cancel: (runId) => void cancelled.push(runId),
    onBorn: () => {},
    isPaused: pauses.isPaused,
  });
  let generation = aGeneration(flows);
  const use = (changed: readonly FlowSpec[]) => {
    generation = {
      ...aGeneration(changed),
      number: generation.number + 1,
      acceptedAt: clock.now(),
    };
    void tick.useGeneration(generation);
  };
  void tick.useGeneration(generation);
  const newest = () => generation;
  const flowNamed = (name: string) => generation.manifest.flows.find((flow) => flow.name === name);
  const base = { store, clock: clock.now, random: systemRandom, newest, flowNamed };
  const maker = createBackfillMaker(base);
  const making = maker.pass;
  const care = createScheduleCare({
    ...{ ...base, tick, pauses, maker, openRuns, retentionMs: RETENTION_MS },
    cancel: async (run: Run) => {
      await store.saveRunStep(advance(run, { type: "cancel", message: "" }, clock.now()));
      return "cancelled" as const;
    },
    wake: () => {},
  });
  /** Moves the clock and lets the tick deal with what is due. */
  const pass = async (ms: number): Promise<Instant | undefined> => {
    clock.advance(ms);
    return await tick.pass();
  };
  return { store, clock, tick, care, pauses, use, making, pass, cancelled };
}

/** The due times that have a run, oldest first: `13:00`. */
export function dueTimes(store: Store): readonly string[] {
  return store.reader
    .all<{ due: Instant }>("SELECT scheduled_for AS due FROM run ORDER BY scheduled_for")
    .map(({ due }) => isoOf(due).slice(11, 16));
}

/** The decisions, oldest first: `missed 13:00`. */
export function decisions(store: Store): readonly string[] {
  return store.reader
    .all<{ kind: string; due: Instant }>("SELECT kind, due_at AS due FROM decision ORDER BY due_at")
    .map(({ kind, due }) => `${kind} ${isoOf(due).slice(11, 16)}`);
}
