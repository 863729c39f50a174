import {
  BACKFILL_MAX,
  type Backfill,
  type BackfillAnswer,
  type BackfillPlanAnswer,
  type BackfillRefusal,
  type BackfillRequest,
  backfillDueView,
  backfillView,
} from "../domain/backfill.ts";
import type { FlowSpec, ScheduleSpec } from "../domain/flow.ts";
import type { FlowName, Random } from "../domain/ids.ts";
import { uuidv7 } from "../domain/ids.ts";
import { type Clock, type Instant, instant, later } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { duesBetween } from "../schedule/due-times.ts";
import {
  countBackfill,
  insertBackfill,
  listWaitingOfBackfill,
  type PlacedDue,
  placesWithRun,
  saveCancelled,
} from "../store/backfill-store.ts";
import type { Store } from "../store/open-store.ts";
import type { CancelAnswer } from "./commands.ts";
import type { SchedulePauses } from "./schedule-pauses.ts";
import type { Tick } from "./tick.ts";

// In: a range of due times that have passed. Out: a backfill, whose runs are made bit by bit.

/** Runs that are cancelled before others get their turn. */
const CANCELS_AT_ONCE = 200;
const BY_REQUEST = "its backfill was cancelled";

export interface BackfillDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tick: Pick<Tick, "cursorsOf">;
  readonly pauses: Pick<SchedulePauses, "isPaused">;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  readonly cancel: (run: Run, message: string) => Promise<CancelAnswer>;
  /** Has the runs made. */
  readonly wake: () => void;
}

export function planBackfill(request: BackfillRequest, deps: BackfillDeps): BackfillPlanAnswer {
  const found = duesOf(request, deps);
  if (!("dues" in found)) return found;
  const { flow, dues } = found;
  const had = placesWithRun(deps.store.reader, flow.name, dues);
  const views = dues.map(({ place, schedule, dueAt }) =>
    backfillDueView({ schedule, dueAt, ...(had.has(place) ? { outcome: "had-run" } : {}) }),
  );
  const plan = { flow: flow.name, total: dues.length, hadRun: had.size, dues: views };
  return { type: "planned", plan };
}

/** Saves what is to be done; from then on it goes on by itself, also after a restart. */
export async function beginBackfill(
  request: BackfillRequest,
  deps: BackfillDeps,
): Promise<BackfillAnswer> {
  const found = duesOf(request, deps);
  if (!("dues" in found)) return found;
  const { store, clock, random, wake } = deps;
  const { from, to, overlap, by } = request;
  const now = clock();
  const [only] = request.schedule === undefined ? [] : found.schedules;
  const asked: Omit<Backfill, "no"> = {
    id: uuidv7(now, random),
    flow: found.flow.name,
    ...(only === undefined ? {} : { schedule: only.key }),
    ...{ from, to, overlap, by, total: found.dues.length, createdAt: now },
  };
  const backfill = await store.write((connection) => insertBackfill(connection, asked, found.dues));
  wake();
  return {
    type: "begun",
    backfill: backfillView(backfill, countBackfill(store.reader, backfill)),
  };
}

/** Makes no more of its runs and cancels those that wait; answers false if that was done before. */
export async function cancelBackfill(backfill: Backfill, deps: BackfillDeps): Promise<boolean> {
  const { store, clock, cancel } = deps;
  // Runs that are being made in this turn are saved before: they are found below.
  const isNew = await store.write((connection) => saveCancelled(connection, backfill, clock()));
  for (;;) {
    const waiting = listWaitingOfBackfill(store.reader, backfill, CANCELS_AT_ONCE);
    if (waiting.length === 0) return isNew;
    await Promise.all(waiting.map((run) => cancel(run, BY_REQUEST)));
  }
}

interface FoundDues {
  readonly flow: FlowSpec;
  readonly schedules: readonly ScheduleSpec[];
  /** Oldest first. */
  readonly dues: readonly PlacedDue[];
}

function duesOf(request: BackfillRequest, deps: BackfillDeps): FoundDues | BackfillRefusal {
  const flow = deps.flowNamed(request.flow);
  if (flow === undefined) return { type: "no-such-flow" };
  const { schedule: key } = request;
  const schedules = flow.schedules.filter((one) => key === undefined || one.key === key);
  if (key !== undefined && schedules.length === 0) {
    return { type: "no-such-schedule", known: flow.schedules.map((one) => one.key) };
  }
  const dealtUntil = dealtWith(flow.name, deps);
  const dues = schedules
    .flatMap((schedule) => {
      const until = Math.min(request.to - 1, dealtUntil(schedule), schedule.until ?? Infinity);
      const range = {
        after: later(request.from, -1),
        until: instant(until),
        max: BACKFILL_MAX + 1,
      };
      return duesBetween(schedule.timing, range).map((dueAt) => ({
        schedule: schedule.key,
        dueAt,
      }));
    })
    .sort((a, b) => a.dueAt - b.dueAt)
    .map((due, place) => ({ place, ...due }));
  if (dues.length === 0) return { type: "nothing-due" };
  return dues.length > BACKFILL_MAX
    ? { type: "too-many", max: BACKFILL_MAX }
    : { flow, schedules, dues };
}

/** What a schedule has not dealt with yet is its own: a backfill must not come before it. */
function dealtWith(
  flow: FlowName,
  { tick, pauses, clock }: BackfillDeps,
): (schedule: ScheduleSpec) => Instant {
  const cursors = new Map(tick.cursorsOf(flow).map((cursor) => [cursor.schedule, cursor.at]));
  const now = clock();
  // What is due while it rests is nobody's: it goes on from the moment when it is resumed.
  return ({ key }) =>
    pauses.isPaused(flow, key) ? now : instant(Math.min(now, cursors.get(key) ?? now));
}
