import type { FlowSpec, Generation, ScheduleSpec } from "../domain/flow.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import { type Instant, later } from "../domain/instant.ts";
import { ruleOfSchedule } from "../domain/schedule-life.ts";
import { nextDue } from "../schedule/due-times.ts";
import type { Store } from "../store/open-store.ts";
import { saveLives } from "../store/schedule-lives.ts";
import {
  type Cursor,
  dropOtherCursors,
  listCursors,
  saveCursors,
} from "../store/schedule-store.ts";

/** A schedule that the tick looks after. */
export interface Entry {
  readonly flow: FlowSpec;
  readonly schedule: ScheduleSpec;
  /** Which of the flow's schedules it is, from 0: of those that are due together the first goes first. */
  readonly place: number;
  cursor: Cursor;
  /** When it is due next; undefined if it never is any more. */
  dueAt: Instant | undefined;
  /** A person paused it, or its flow. */
  rests: boolean;
  /** Its cursor was put back with the clock: what is due up to here may have its run already. */
  rewoundFrom: Instant | undefined;
}

export interface EntryMoment {
  readonly now: Instant;
  readonly isPaused: (flow: FlowName, schedule: ScheduleKey) => boolean;
  /** When the daemon started. */
  readonly startedAt: Instant;
  /** Whether the config is the first since then. */
  readonly isStart: boolean;
}

/** Told of the entries in the transaction that takes them up: nothing is dealt with in between. */
type UseEntries = (entries: readonly Entry[]) => void;

/**
 * The schedules of a config, each from where it was left. One that is new, changed, or was paused in the
 * config before starts at now. Which schedules are in force from now on is recorded.
 */
export function takeUpSchedules(
  store: Pick<Store, "write">,
  { manifest, number }: Generation,
  moment: EntryMoment & { readonly use: UseEntries },
): Promise<void> {
  const all = manifest.flows.flatMap((flow) =>
    flow.schedules.map((schedule, place) => ({ flow, schedule, place })),
  );
  const active = all.filter(({ schedule }) => !schedule.paused);
  const living = all.map(({ flow, schedule }) => ({
    flow: flow.name,
    schedule: schedule.key,
    rule: ruleOfSchedule(schedule),
  }));
  // What is being saved in this turn is committed first: a cursor read before would be older than it.
  return store.write((connection) => {
    const known = new Map(
      listCursors(connection).map((cursor) => [nameOf(cursor.flow, cursor.schedule), cursor]),
    );
    const entries = active.map((one) => entryOf(one, known, moment));
    const kept = entries.map(({ cursor }) => cursor);
    const isNew = (cursor: Cursor) => known.get(nameOf(cursor.flow, cursor.schedule)) !== cursor;
    dropOtherCursors(connection, kept);
    saveCursors(connection, kept.filter(isNew));
    saveLives(connection, living, { generation: number, now: moment.now });
    moment.use(entries);
  });
}

/** When an entry is due next. `until` is the last instant at which it can be. */
export function dueAfterCursor({ schedule, cursor }: Pick<Entry, "schedule" | "cursor">) {
  const due = nextDue(schedule.timing, cursor.at);
  return due === undefined || isOver(schedule, due) ? undefined : due;
}

export function isOver({ until }: ScheduleSpec, due: Instant): boolean {
  return until !== undefined && due > until;
}

function entryOf(
  { flow, schedule, place }: Pick<Entry, "flow" | "schedule" | "place">,
  known: ReadonlyMap<string, Cursor>,
  moment: EntryMoment,
): Entry {
  const { now, isPaused } = moment;
  const fingerprint = JSON.stringify(schedule.timing);
  const before = known.get(nameOf(flow.name, schedule.key));
  const kept = before?.fingerprint === fingerprint ? before : undefined;
  const cursor = kept ?? { flow: flow.name, schedule: schedule.key, fingerprint, at: now };
  const rests = isPaused(flow.name, schedule.key);
  const taken = sinceStart({ schedule, cursor }, moment);
  const dueAt = dueAfterCursor(taken);
  return { flow, place, ...taken, dueAt, rests, rewoundFrom: undefined };
}

/** What is due when the daemon starts is due at that instant; a config that is read later changes nothing. */
function sinceStart(
  { schedule, cursor }: Pick<Entry, "schedule" | "cursor">,
  { startedAt, isStart }: EntryMoment,
): Pick<Entry, "schedule" | "cursor"> {
  if (schedule.timing.kind !== "start") return { schedule, cursor };
  const timing = { kind: "at", at: [startedAt] } as const;
  // Also where the clock was put back since the last start.
  const at = isStart ? later(startedAt, -1) : cursor.at;
  return { schedule: { ...schedule, timing }, cursor: { ...cursor, at } };
}

function nameOf(flow: string, schedule: string): string {
  return `${flow}\n${schedule}`;
}
