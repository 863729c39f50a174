import type { Executor } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import { hookBook } from "../domain/hook-matching.ts";
import { type Instant, later } from "../domain/instant.ts";
import type { ScheduleCare } from "../domain/schedule-care.ts";
import { slotSizes } from "../domain/slots.ts";
import { isTerminal } from "../domain/state.ts";
import type { Connection } from "../store/connection.ts";
import { saveClockJump } from "../store/explain-store.ts";
import { listPlaceKeepers } from "../store/open-runs.ts";
import { type Book, openBook } from "./book.ts";
import type { Children } from "./children.ts";
import type { Commands } from "./commands.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { BEAT_MS, type ClockJump, createHeartbeat } from "./heartbeat.ts";
import type { LaneView } from "./lane.ts";
import { type Bells, makeParts, type Parts } from "./parts.ts";
import { prune } from "./prune.ts";
import { recover } from "./recover.ts";
import { endOverduePauses, rerun, resumeRun } from "./resume.ts";
import { type Pass, type Station, startStation } from "./station.ts";

/** A run that is due so soon finds a thread ready. The tick passes at least once in that time. */
const WARM_MS = 60_000;
/** How often every schedule is looked at. */
const RECONCILE_MS = 60_000;

/** The assembly line, running. */
export interface Engine {
  readonly commands: Omit<Commands, "reload">;
  /** Starts a child of a run; resolves with it once it is over. */
  readonly runChild: Children["run"];
  readonly executor: Executor;
  /** Pauses, backfills, and why something did not run. */
  readonly schedules: ScheduleCare;
  useGeneration(generation: Generation): Promise<void>;
  nextDueAt(): Instant | undefined;
  /** When the tick station last made a pass. */
  lastTickAt(): Instant;
  /** Whether a delivery is under way or due now. */
  isDelivering(): boolean;
  /** How the lanes of hooks stand. */
  lanes(): readonly LaneView[];
  /** Stops the schedules and dispatching; what runs goes on. */
  drain(): Promise<void>;
  /** Stops everything else. */
  stop(): Promise<void>;
}

/** Recovers what an earlier daemon left and starts every station. */
export async function startEngine(deps: EngineDeps): Promise<Engine> {
  const { store, clock, log } = deps;
  const book = openBook(deps.generation);
  // The parts wake stations, and the stations run the parts: the bells are hung up once both are there.
  const bells: Bells = {
    tick: () => {},
    dispatch: () => {},
    deliver: () => {},
    pauses: () => {},
    watch: () => {},
    backfills: () => {},
  };
  const parts = makeParts(deps, book, bells);

  store.onRunMoved((run) => {
    parts.knownRuns.moved(run);
    parts.dispatch.moved(run);
    parts.watch.moved(run);
    if (!isTerminal(run.state.type)) return;
    parts.children.ended(run);
    // It may have kept its place while it waited for a retry, or for a person, that did not come.
    if (!parts.isHeld(run.id)) parts.dispatch.freed(parts.slots.give(run.id));
  });
  store.onDeliveries((hookNos) => parts.deliver.expectNew(hookNos));
  store.useHooks(hookBook(book.newest().manifest));
  parts.deliver.start();
  parts.watch.start();
  await recover({ store, log, now: clock(), flowNamed: book.flowNamed });
  for (const run of listPlaceKeepers(store.reader)) parts.slots.holdPlace(run);
  if (deps.onlyAsked !== true) await parts.tick.useGeneration(book.newest());

  const stations = startStations(deps, parts, bells);
  return engineOf({ deps, book, parts, bells, stations });
}

interface Stations {
  /** Those that begin runs. */
  readonly beginning: readonly Station[];
  readonly all: readonly Station[];
}

function startStations(deps: EngineDeps, parts: Parts, bells: Bells): Stations {
  const { store, clock, log } = deps;
  const { retentionMs, clockJumpMs } = deps.limits;
  const start = (name: string, pass: Pass) => startStation(pass, { name, clock, log });
  const tick = start("tick", async () => {
    parts.lastTick.at = clock();
    const next = await parts.tick.pass();
    bells.dispatch();
    if (next !== undefined && next <= later(clock(), WARM_MS)) parts.executor.warm();
    return next ?? later(clock(), BEAT_MS);
  });
  const onJump = (jump: ClockJump) => {
    const save = (connection: Connection) => saveClockJump(connection, jump);
    if (store.trouble() === undefined) store.write(save).catch(() => undefined);
    parts.tick.reconcile();
    bells.tick();
  };
  const reconcile = start("reconcile", () => {
    parts.tick.reconcile();
    return later(clock(), RECONCILE_MS);
  });
  const backfills = start("backfills", () => parts.makeBackfills());
  const dispatch = start("dispatch", () => parts.dispatch.pass());
  const deliver = start("deliver", () => parts.deliver.pass());
  const heartbeat = start("heartbeat", createHeartbeat({ store, clock, log, clockJumpMs, onJump }));
  const pauses = start("pauses", () => endOverduePauses(parts.resuming));
  const watch = start("watch", () => parts.watch.pass());
  const pruning = start("prune", () => prune({ store, clock, log, retentionMs }));
  bells.tick = () => tick.wake();
  bells.dispatch = () => dispatch.wake();
  bells.deliver = () => deliver.wake();
  bells.pauses = () => pauses.wake();
  bells.watch = () => watch.wake();
  const beginning = [tick, dispatch, pruning, ...(deps.onlyAsked === true ? [] : [backfills])];
  if (deps.onlyAsked !== true) bells.backfills = () => backfills.wake();
  const all = [...beginning, deliver, pauses, watch, heartbeat, reconcile];
  for (const station of all) station.wake();
  return { beginning, all };
}

interface Assembled {
  readonly deps: EngineDeps;
  readonly book: Book;
  readonly parts: Parts;
  readonly bells: Bells;
  readonly stations: Stations;
}

function engineOf({ deps, book, parts, bells, stations }: Assembled): Engine {
  const { store } = deps;
  const { executor, dispatch, slots, deliver, tick, trigger, lastTick } = parts;
  return {
    commands: {
      trigger: trigger.one,
      triggerMany: trigger.many,
      cancel: parts.cancel,
      resume: (run, input) => resumeRun(run, input, parts.resuming),
      rerun: (run) => rerun(run, parts.resuming),
      ...parts.redeliver,
    },
    runChild: parts.children.run,
    executor,
    schedules: parts.schedules,
    async useGeneration(generation) {
      book.turnTo(generation);
      slots.useSizes(slotSizes(generation.manifest));
      dispatch.reconsider();
      store.useHooks(hookBook(generation.manifest));
      deliver.reopen();
      const taken = deps.onlyAsked === true ? undefined : tick.useGeneration(generation);
      for (const wake of Object.values(bells)) wake();
      await taken;
      bells.tick();
    },
    nextDueAt: () => tick.nextDueAt(),
    lastTickAt: () => lastTick.at,
    isDelivering: () => deliver.isBusy(),
    lanes: () => deliver.lanes(),
    async drain() {
      dispatch.drain();
      await Promise.all(stations.beginning.map((station) => station.stop()));
    },
    async stop() {
      await Promise.all(stations.all.map((station) => station.stop()));
    },
  };
}
