import type { FlowSpec, Generation, ScheduleSpec } from "../domain/flow.ts";
import type { Random, RunId } from "../domain/ids.ts";
import { type Clock, type Instant, later } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import { bear } from "../domain/new-run.ts";
import { isExclusive } from "../domain/overlap.ts";
import type { Run, Transition } from "../domain/run.ts";
import { duesBetween, nextDue } from "../schedule/due-times.ts";
import { jitterMs } from "../schedule/jitter.ts";
import type { Store } from "../store/open-store.ts";
import {
  type Cursor,
  dropOtherCursors,
  listCursors,
  saveCursors,
} from "../store/schedule-store.ts";
import { admit, ruleOf } from "./admit.ts";
import { type DueHeap, dueHeap } from "./due-heap.ts";
import type { OpenRuns } from "./open-runs.ts";

// In: schedules and the time. Out: runs in Scheduled, decisions, and cursors, in one transaction each.

/** Due times of one schedule that one pass deals with; the rest follow in the next. */
const DUES_PER_PASS = 10_000;
const MAKES_WAY = "it made way for a later due time";

export interface Tick {
  /** Takes over the schedules of a config: a new or changed one starts at now and never replays history. */
  useGeneration(generation: Generation): void;
  /** Turns what is due into runs and decisions; answers when something is due next. */
  pass(): Promise<Instant | undefined>;
  nextDueAt(): Instant | undefined;
}

export interface TickDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly openRuns: OpenRuns;
  /** Cancels a run that makes way for a later one. */
  readonly cancel: (runId: RunId, message: string) => void;
  /** How late a due time may be dealt with without counting as missed. */
  readonly missedGraceMs: number;
  /** Told of new runs in the turn in which they are saved. */
  readonly onBorn: (runs: readonly Run[]) => void;
}

interface Entry {
  readonly flow: FlowSpec;
  readonly schedule: ScheduleSpec;
  cursor: Cursor;
}

export function createTick(deps: TickDeps): Tick {
  const { store, clock } = deps;
  let heap: DueHeap<Entry> = dueHeap();
  let generation = 0;

  function enter(into: DueHeap<Entry>, entry: Entry): void {
    const due = nextDue(entry.schedule.timing, entry.cursor.at);
    if (due !== undefined && !isOver(entry.schedule, due)) into.push(due, entry);
  }

  return {
    useGeneration(next) {
      generation = next.number;
      const entries = entriesOf(next, store, clock());
      heap = dueHeap();
      for (const entry of entries) enter(heap, entry);
    },
    async pass() {
      const now = clock();
      const from = heap;
      const due = from.takeDue(now);
      await Promise.all(
        due.map(async (entry) => {
          try {
            await deal(entry, { ...deps, generation, now });
          } finally {
            // A newer config may have taken over meanwhile; then this entry is history.
            if (from === heap) enter(heap, entry);
          }
        }),
      );
      return heap.nextDueAt();
    },
    nextDueAt: () => heap.nextDueAt(),
  };
}

function isOver({ until }: ScheduleSpec, due: Instant): boolean {
  return until !== undefined && due > until;
}

function entriesOf({ manifest }: Generation, store: Store, now: Instant): readonly Entry[] {
  const cursors = new Map(
    listCursors(store.reader).map((cursor) => [`${cursor.flow}\n${cursor.schedule}`, cursor]),
  );
  const entries = manifest.flows.flatMap((flow) =>
    flow.schedules
      .filter((schedule) => !schedule.paused)
      .map((schedule): Entry => {
        const fingerprint = JSON.stringify(schedule.timing);
        const known = cursors.get(`${flow.name}\n${schedule.key}`);
        const kept = known?.fingerprint === fingerprint ? known : undefined;
        return {
          flow,
          schedule,
          cursor: kept ?? { flow: flow.name, schedule: schedule.key, fingerprint, at: now },
        };
      }),
  );
  const keep = entries.map(({ cursor }) => cursor);
  store.write((connection) => {
    dropOtherCursors(connection, keep);
    saveCursors(connection, keep);
  });
  return entries;
}

interface Moment extends TickDeps {
  readonly generation: number;
  readonly now: Instant;
}

/** Deals with what one schedule is due; moves its cursor once that is saved. */
async function deal(entry: Entry, deps: Moment): Promise<void> {
  const { store, random, openRuns, onBorn, missedGraceMs, generation, now } = deps;
  const { flow, schedule } = entry;
  const dues = duesBetween(schedule.timing, {
    after: entry.cursor.at,
    until: now,
    max: DUES_PER_PASS,
  }).filter((due) => !isOver(schedule, due));
  const last = dues.at(-1);
  if (last === undefined) return;
  const open = openRuns.of(flow, ruleOf(flow), now);
  const { births, decisions, cancels } = admit(
    { flow, schedule, dues },
    { now, missedGraceMs, open },
  );
  const cursor = { ...entry.cursor, at: last };
  const runs = births.map(
    (due): Transition<Run> =>
      bear(
        {
          no: store.numbers.take("run"),
          flow: flow.name,
          parameters: jsonText(schedule.parameters),
          tags: flow.tags,
          generation,
          dueAt: startOf(entry, due),
          priority: flow.priority,
          exclusive: isExclusive(flow.overlap),
          schedule: schedule.key,
          scheduledFor: due,
        },
        now,
        random,
      ),
  );
  const born = runs.map(({ after }) => after);
  const saving = openRuns.whileSaving(
    born,
    store.saveDues({ births: runs, decisions, cursors: [cursor] }),
  );
  onBorn(born);
  await saving;
  entry.cursor = cursor;
  for (const runId of cancels) deps.cancel(runId, MAKES_WAY);
}

/** When the run of a due time is to start: later by the schedule's jitter, which is the same after a restart. */
function startOf({ flow, schedule }: Entry, due: Instant): Instant {
  if (schedule.jitterMs === 0) return due;
  const next = nextDue(schedule.timing, due);
  return later(due, jitterMs(flow.name, { due, next }, schedule.jitterMs));
}
