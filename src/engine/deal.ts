import type { Random, RunId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import { bear } from "../domain/new-run.ts";
import { isExclusive } from "../domain/overlap.ts";
import type { Run, Transition } from "../domain/run.ts";
import { clockNote } from "../schedule/clock-note.ts";
import { duesBetween } from "../schedule/due-times.ts";
import { startOf } from "../schedule/upcoming.ts";
import type { Store } from "../store/open-store.ts";
import { duesWithRun } from "../store/schedule-store.ts";
import { admit, ruleOf } from "./admit.ts";
import type { OpenRuns } from "./open-runs.ts";
import { type Entry, isOver } from "./schedule-entries.ts";

// In: a schedule that is due. Out: its runs in Scheduled, its decisions and its cursor, in one transaction.

/** Due times of one schedule that one pass deals with; the rest follow in the next. */
const DUES_PER_PASS = 10_000;
const MAKES_WAY = "it made way for a later due time";

export interface DealDeps {
  readonly store: Store;
  readonly random: Random;
  readonly openRuns: OpenRuns;
  /** Cancels a run that makes way for a later one. */
  readonly cancel: (runId: RunId, message: string) => void;
  /** How late a due time may be dealt with without counting as missed. */
  readonly missedGraceMs: number;
  /** Told of new runs in the turn in which they are saved. */
  readonly onBorn: (runs: readonly Run[]) => void;
}

export interface DealMoment extends DealDeps {
  readonly generation: number;
  readonly now: Instant;
}

/** Deals with what one schedule is due; moves its cursor once that is saved. */
export async function deal(entry: Entry, moment: DealMoment): Promise<void> {
  const { store, openRuns, onBorn, missedGraceMs, now } = moment;
  const { flow, schedule } = entry;
  const { dues, more, last } = duesOf(entry, moment);
  if (last === undefined) return;
  const open = openRuns.of(flow, ruleOf(flow), now);
  const { births, decisions, cancels } = admit(
    { flow, schedule, dues },
    { now, missedGraceMs, open, more },
  );
  const cursor = { ...entry.cursor, at: last };
  const runs = births.map((due) => birthOf(entry, due, moment));
  const born = runs.map(({ after }) => after);
  const saving = openRuns.whileSaving(
    born,
    store.saveDues({ births: runs, decisions, cursors: [cursor] }),
  );
  onBorn(born);
  await saving;
  // Somebody may have let it begin anew meanwhile.
  if (cursor.at > entry.cursor.at) entry.cursor = cursor;
  for (const runId of cancels) moment.cancel(runId, MAKES_WAY);
}

interface Dues {
  readonly dues: readonly Instant[];
  readonly last: Instant | undefined;
  /** How many are due beyond these, counted up to the most that are caught up on. */
  readonly more: number;
}

function duesOf({ flow, schedule, cursor, rewoundFrom }: Entry, { store, now }: DealMoment): Dues {
  const { timing } = schedule;
  const all = duesBetween(timing, { after: cursor.at, until: now, max: DUES_PER_PASS });
  const dues = all.filter((due) => !isOver(schedule, due));
  const last = dues.at(-1);
  if (last === undefined) return { dues, last, more: 0 };
  const more =
    dues.length < DUES_PER_PASS
      ? 0
      : duesBetween(timing, { after: last, until: now, max: flow.missed.max + 1 }).length;
  const isAgain = rewoundFrom !== undefined && cursor.at < rewoundFrom;
  const done = isAgain ? duesWithRun(store.reader, cursor, dues) : new Set<Instant>();
  return { dues: dues.filter((due) => !done.has(due)), last, more };
}

function birthOf(
  { flow, schedule }: Pick<Entry, "flow" | "schedule">,
  due: Instant,
  { store, random, generation, now }: DealMoment,
): Transition<Run> {
  return bear(
    {
      no: store.numbers.take("run"),
      flow: flow.name,
      parameters: jsonText(schedule.parameters),
      tags: flow.tags,
      generation,
      dueAt: startOf({ flow, schedule, dueAt: due }),
      message: clockNote(schedule.timing, due),
      priority: flow.priority,
      exclusive: isExclusive(flow.overlap),
      schedule: schedule.key,
      scheduledFor: due,
    },
    now,
    random,
  );
}
