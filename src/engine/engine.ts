import type { Ringer } from "../domain/delivery.ts";
import type { Executor, RunLedger } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import { hookBook } from "../domain/hook-matching.ts";
import type { Random, RunId, SlotName } from "../domain/ids.ts";
import { type Clock, type Instant, later } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { createSlots, slotSizes } from "../domain/slots.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/open-store.ts";
import { type Book, openBook } from "./book.ts";
import { cancelRun } from "./cancel.ts";
import type { Commands } from "./commands.ts";
import { createDeliver } from "./deliver.ts";
import { createDispatch } from "./dispatch.ts";
import { BEAT_MS, createHeartbeat } from "./heartbeat.ts";
import { createLedger } from "./ledger.ts";
import { prune } from "./prune.ts";
import { recover } from "./recover.ts";
import { type Pass, type Station, startStation } from "./station.ts";
import { createTick } from "./tick.ts";
import { createTrigger } from "./trigger.ts";

/** A run that is due so soon finds a thread ready. The tick passes at least once in that time. */
const WARM_MS = 60_000;

export interface EngineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly generation: Generation;
  readonly ringer: Ringer;
  /** Makes the executor, which reports to the ledger and says when it has room. */
  readonly executorOf: (ledger: RunLedger, onRoom: () => void) => Executor;
  readonly publicUrl: () => string;
  /** Makes no run of a schedule and starts none but those asked for here: for one run in the foreground. */
  readonly onlyAsked?: boolean;
  readonly limits: EngineLimits;
}

export interface EngineLimits {
  /** How long ended runs are kept. */
  readonly retentionMs: number;
  /** How late a due time may be dealt with without counting as missed. */
  readonly missedGraceMs: number;
  /** How far wall clock and monotonic clock may drift apart without it being a jump. */
  readonly clockJumpMs: number;
}

/** The assembly line, running. */
export interface Engine {
  readonly commands: Omit<Commands, "reload">;
  readonly executor: Executor;
  useGeneration(generation: Generation): void;
  nextDueAt(): Instant | undefined;
  /** When the tick station last made a pass. */
  lastTickAt(): Instant;
  /** Whether a delivery is under way or due now. */
  isDelivering(): boolean;
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
  const bells: Bells = { tick: () => {}, dispatch: () => {}, deliver: () => {} };
  const parts = makeParts(deps, book, bells);

  store.onDeliveries((hookNos) => parts.deliver.expectNew(hookNos));
  store.useHooks(hookBook(book.newest().manifest));
  parts.deliver.start();
  await recover({ store, log, now: clock(), flowNamed: book.flowNamed });
  if (deps.onlyAsked !== true) parts.tick.useGeneration(book.newest());

  const stations = startStations(deps, parts, bells);
  return engineOf({ deps, book, parts, bells, stations });
}

interface Bells {
  tick: () => void;
  dispatch: () => void;
  deliver: () => void;
}

type Parts = ReturnType<typeof makeParts>;

function makeParts(deps: EngineDeps, book: Book, bells: Bells) {
  const { store, clock, random, log, ringer, publicUrl } = deps;
  const { flowNamed, hookOf, newest } = book;
  const chance = () => chanceOf(random);
  const wakeDispatch = () => bells.dispatch();
  const slots = createSlots();
  slots.useSizes(slotSizes(newest().manifest));
  const onSettled = (_: Run, freed: readonly SlotName[]) => {
    dispatch.freed(freed);
    wakeDispatch();
  };
  const ledger = createLedger({ store, clock, chance, log, slots, flowNamed, onSettled });
  const executor = deps.executorOf(ledger, wakeDispatch);
  const wake = () => bells.deliver();
  const asked = deps.onlyAsked === true ? new Set<RunId>() : undefined;
  const mayStart = (runId: RunId) => asked?.has(runId) ?? true;
  const dispatch = createDispatch({
    store,
    clock,
    executor,
    ledger,
    slots,
    mayStart,
    wake: wakeDispatch,
  });
  const onBorn = (runs: readonly Run[]) => {
    for (const { id } of runs) asked?.add(id);
    dispatch.offerBorn(runs);
  };
  return {
    ledger,
    executor,
    dispatch,
    slots,
    tick: createTick({ store, clock, random, onBorn, missedGraceMs: deps.limits.missedGraceMs }),
    deliver: createDeliver({
      store,
      clock,
      ringer,
      log,
      chance,
      hookOf,
      flowNamed,
      publicUrl,
      wake,
    }),
    trigger: createTrigger({ store, clock, random, flowNamed, newest, onBorn }),
    lastTick: { at: clock() },
  };
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
  const dispatch = start("dispatch", () => parts.dispatch.pass());
  const deliver = start("deliver", () => parts.deliver.pass());
  const heartbeat = start(
    "heartbeat",
    createHeartbeat({ store, clock, log, clockJumpMs, onJump: () => bells.tick() }),
  );
  const pruning = start("prune", () => prune({ store, clock, log, retentionMs }));
  bells.tick = () => tick.wake();
  bells.dispatch = () => dispatch.wake();
  bells.deliver = () => deliver.wake();
  const all = [tick, dispatch, deliver, heartbeat, pruning];
  for (const station of all) station.wake();
  return { beginning: [tick, dispatch, pruning], all };
}

interface Assembled {
  readonly deps: EngineDeps;
  readonly book: Book;
  readonly parts: Parts;
  readonly bells: Bells;
  readonly stations: Stations;
}

function engineOf({ deps, book, parts, bells, stations }: Assembled): Engine {
  const { store, clock } = deps;
  const { ledger, executor, dispatch, slots, deliver, tick, trigger, lastTick } = parts;
  const { flowNamed } = book;
  return {
    commands: {
      trigger: trigger.one,
      triggerMany: trigger.many,
      cancel: (run) => cancelRun(run, { store, clock, ledger, executor, flowNamed }),
    },
    executor,
    useGeneration(generation) {
      book.turnTo(generation);
      slots.useSizes(slotSizes(generation.manifest));
      dispatch.reconsider();
      store.useHooks(hookBook(generation.manifest));
      if (deps.onlyAsked !== true) tick.useGeneration(generation);
      for (const wake of Object.values(bells)) wake();
    },
    nextDueAt: () => tick.nextDueAt(),
    lastTickAt: () => lastTick.at,
    isDelivering: () => deliver.isBusy(),
    async drain() {
      dispatch.drain();
      await Promise.all(stations.beginning.map((station) => station.stop()));
    },
    async stop() {
      await Promise.all(stations.all.map((station) => station.stop()));
    },
  };
}

function chanceOf(random: Random): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
}
