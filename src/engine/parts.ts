import type { Random, RunId, SlotName } from "../domain/ids.ts";
import type { Run } from "../domain/run.ts";
import { createSlots, slotSizes } from "../domain/slots.ts";
import { listRunsById } from "../store/open-runs.ts";
import type { BackfillDeps } from "./backfill.ts";
import type { Book } from "./book.ts";
import { cancelRun } from "./cancel.ts";
import { createChildren } from "./children.ts";
import { createDeliver } from "./deliver.ts";
import { createDispatch } from "./dispatch.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { createKnownRuns } from "./known-runs.ts";
import { createLedger, type LedgerDeps } from "./ledger.ts";
import { createBackfillMaker } from "./make-backfills.ts";
import { createOpenRuns } from "./open-runs.ts";
import { createRedeliver } from "./redeliver.ts";
import { createScheduleCare } from "./schedule-care.ts";
import { openSchedulePauses } from "./schedule-pauses.ts";
import { createTick, type TickDeps } from "./tick.ts";
import { createTrigger } from "./trigger.ts";
import { createWatch } from "./watch.ts";

/** Wake the stations. They are hung up once the stations are there. */
export interface Bells {
  tick: () => void;
  dispatch: () => void;
  deliver: () => void;
  pauses: () => void;
  watch: () => void;
  backfills: () => void;
}

export type Parts = ReturnType<typeof makeParts>;

/** Makes the parts of the line and connects them. */
export function makeParts(deps: EngineDeps, book: Book, bells: Bells) {
  const { store, clock, random } = deps;
  const { flowNamed, newest } = book;
  const chance = () => chanceOf(random);
  const wake = () => bells.dispatch();
  const slots = createSlots();
  slots.useSizes(slotSizes(newest().manifest));
  const onSettled = (run: Run, freed: readonly SlotName[]) => {
    children.attemptEnded(run);
    dispatch.freed(freed);
    wake();
    if (run.state.type === "PAUSED") bells.pauses();
  };
  const { ledger, knownRuns } = ledgerParts(deps, book, { chance, slots, onSettled });
  const executor = deps.executorOf(ledger, wake);
  const asked = deps.onlyAsked === true ? new Set<RunId>() : undefined;
  const mayStart = (runId: RunId) => asked?.has(runId) ?? true;
  const dispatch = createDispatch({ store, clock, executor, ledger, slots, mayStart, wake });
  const onBorn = (runs: readonly Run[]) => {
    for (const { id } of runs) asked?.add(id);
    dispatch.offerBorn(runs);
  };
  const onScheduled = ({ id }: Run) => {
    asked?.add(id);
    wake();
  };
  const cancel = (run: Run, message?: string) =>
    cancelRun(run, { store, clock, ledger, executor, flowNamed }, message);
  const makeWay = (runId: RunId, message: string) => {
    for (const run of listRunsById(store.reader, [runId])) void cancel(run, message);
  };
  const openRuns = createOpenRuns(store);
  const birth = { store, clock, random, openRuns, cancel: makeWay, onBorn };
  const trigger = createTrigger({ ...birth, flowNamed, newest });
  const children = createChildren({ store, trigger, cancel });
  return {
    executor,
    dispatch,
    slots,
    knownRuns,
    isHeld: (runId: RunId) => ledger.isHeld(runId),
    trigger,
    cancel,
    children,
    resuming: { store, clock, flowNamed, onScheduled },
    watch: createWatch({ store, clock, ledger, flowNamed, wake: () => bells.watch() }),
    ...scheduleParts(deps, book, { birth, cancel, wake: () => bells.backfills() }),
    ...deliveryParts(deps, book, { chance, wake: () => bells.deliver() }),
    lastTick: { at: clock() },
  };
}

function ledgerParts(
  { store, clock, log }: EngineDeps,
  { flowNamed }: Book,
  tools: Pick<LedgerDeps, "chance" | "slots" | "onSettled">,
) {
  const knownRuns = createKnownRuns(store);
  const readRuns = knownRuns.read;
  return { ledger: createLedger({ ...tools, store, clock, log, flowNamed, readRuns }), knownRuns };
}

interface ScheduleTools {
  readonly birth: Omit<TickDeps, "missedGraceMs">;
  readonly cancel: BackfillDeps["cancel"];
  readonly wake: () => void;
}

function scheduleParts(
  { store, clock, random, limits: { missedGraceMs, retentionMs } }: EngineDeps,
  { newest, flowNamed }: Book,
  { birth, cancel, wake }: ScheduleTools,
) {
  const pauses = openSchedulePauses(store);
  const tick = createTick({ ...birth, missedGraceMs, isPaused: pauses.isPaused });
  const making = { store, clock, random, newest, flowNamed };
  const maker = createBackfillMaker(making);
  const { openRuns } = birth;
  const care = { ...making, tick, pauses, maker, cancel, openRuns, retentionMs, wake };
  return { tick, makeBackfills: maker.pass, schedules: createScheduleCare(care) };
}

function deliveryParts(
  { store, clock, ringer, log, publicUrl }: EngineDeps,
  { hookOf, flowNamed }: Book,
  more: { readonly chance: () => number; readonly wake: () => void },
) {
  const deliver = createDeliver({
    ...{ store, clock, ringer, log, hookOf, flowNamed, publicUrl },
    ...more,
  });
  const hasHook = (key: string) => hookOf(key) !== undefined;
  return { deliver, redeliver: createRedeliver({ store, clock, deliver, hasHook }) };
}

function chanceOf(random: Random): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
}
