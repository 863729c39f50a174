import type {
  Backfill,
  BackfillCounts,
  BackfillDue,
  BackfillOutcome,
  BackfillPolicy,
} from "../domain/backfill.ts";
import type { FlowName, RunId, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { StateType } from "../domain/state.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { present, runOfRow } from "./rows.ts";
import type { RunTable } from "./tables.ts";

interface BackfillRow {
  readonly no: number;
  readonly id: string;
  readonly flow: string;
  readonly key: string | null;
  readonly from_at: number;
  readonly to_at: number;
  readonly overlap: string;
  readonly asked_by: string;
  readonly total: number;
  readonly created_at: number;
  readonly made_at: number | null;
  readonly cancelled_at: number | null;
}

/** A due time, and its place among those of its backfill: the oldest has place 0. */
export interface PlacedDue {
  readonly place: number;
  readonly schedule: ScheduleKey;
  readonly dueAt: Instant;
}

/** Saves a backfill with its due times, none of them dealt with yet. */
export function insertBackfill(
  connection: Connection,
  backfill: Omit<Backfill, "no">,
  dues: readonly PlacedDue[],
): Backfill {
  const { id, flow, schedule, from, to, overlap, by, total, createdAt } = backfill;
  const [row] = connection.all<{ no: number }>(
    `INSERT INTO backfill (id, flow, key, from_at, to_at, overlap, asked_by, total, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING no`,
    [id, flow, schedule ?? null, from, to, overlap, by, total, createdAt],
  );
  const no = row?.no ?? 0;
  const rows = dues.map(({ place, schedule: key, dueAt }) => [no, place, key, dueAt]);
  connection.run(
    `INSERT INTO backfill_due (backfill_no, place, key, due_at)
     SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3 FROM json_each(?) AS j`,
    [rowsJson(rows)],
  );
  return { ...backfill, no };
}

/** The backfills whose due times have not all been dealt with, oldest first. */
export function listBackfillsToMake(connection: Connection): readonly Backfill[] {
  return connection
    .all<BackfillRow>(
      "SELECT * FROM backfill WHERE made_at IS NULL AND cancelled_at IS NULL ORDER BY no",
    )
    .map(backfillOfRow);
}

/** The next due times of a backfill to deal with, oldest first. */
export function listDuesToMake(
  connection: Connection,
  { no }: Backfill,
  limit: number,
): readonly PlacedDue[] {
  return connection.all<PlacedDue>(
    `SELECT place, key AS schedule, due_at AS dueAt FROM backfill_due
     WHERE backfill_no = ? AND outcome IS NULL ORDER BY place LIMIT ?`,
    [no, limit],
  );
}

export function saveOutcome(
  connection: Connection,
  { no }: Backfill,
  { place, outcome }: { readonly place: number; readonly outcome: BackfillOutcome },
): void {
  connection.run("UPDATE backfill_due SET outcome = ? WHERE backfill_no = ? AND place = ?", [
    outcome,
    no,
    place,
  ]);
}

export function saveMade(connection: Connection, { no }: Backfill, now: Instant): void {
  connection.run("UPDATE backfill SET made_at = ? WHERE no = ?", [now, no]);
}

/** Answers false if it was cancelled before. */
export function saveCancelled(connection: Connection, { no }: Backfill, now: Instant): boolean {
  const sql = "UPDATE backfill SET cancelled_at = ? WHERE no = ? AND cancelled_at IS NULL";
  return connection.run(sql, [now, no]) > 0;
}

/** By id, or by the first characters of it (6 at least) if they fit one only. */
export function findBackfill(connection: Connection, reference: string): Backfill | undefined {
  if (reference.length < 6) return undefined;
  const rows = connection.all<BackfillRow>(
    "SELECT * FROM backfill WHERE id >= ? AND id < ? LIMIT 2",
    [reference, `${reference}g`],
  );
  const [row] = rows;
  return row === undefined || rows.length > 1 ? undefined : backfillOfRow(row);
}

/** Newest first. */
export function listBackfills(connection: Connection, limit: number): readonly Backfill[] {
  return connection
    .all<BackfillRow>("SELECT * FROM backfill ORDER BY no DESC LIMIT ?", [limit])
    .map(backfillOfRow);
}

/** How many due times stand how. */
export function countBackfill(connection: Connection, { no, id }: Backfill): BackfillCounts {
  const outcomes = countsOf(
    connection.all<Count>(
      "SELECT coalesce(outcome, '') AS name, count(*) AS count FROM backfill_due WHERE backfill_no = ? GROUP BY 1",
      [no],
    ),
  );
  const states = countsOf(
    connection.all<Count>(
      "SELECT state_type AS name, count(*) AS count FROM run WHERE backfill = ? GROUP BY 1",
      [id],
    ),
  );
  const runs = [...states.values()].reduce((sum, count) => sum + count, 0);
  const state = (...types: readonly StateType[]) =>
    types.reduce((sum, type) => sum + (states.get(type) ?? 0), 0);
  return {
    toMake: outcomes.get("") ?? 0,
    hadRun: outcomes.get("had-run") ?? 0,
    noSchedule: outcomes.get("no-schedule") ?? 0,
    waiting: state("SCHEDULED"),
    running: state("PENDING", "RUNNING", "CANCELLING"),
    paused: state("PAUSED"),
    completed: state("COMPLETED"),
    failed: state("FAILED"),
    crashed: state("CRASHED"),
    cancelled: state("CANCELLED"),
    deleted: Math.max(0, (outcomes.get("made") ?? 0) - runs),
  };
}

interface Count {
  readonly name: string;
  readonly count: number;
}

function countsOf(rows: readonly Count[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** The due times of a backfill, oldest first, after a place. */
export function listBackfillDues(
  connection: Connection,
  { no, flow }: Backfill,
  { after, limit }: { readonly after: number; readonly limit: number },
): readonly (BackfillDue & { readonly place: number })[] {
  return connection
    .all<DueRow>(DUES, [flow, no, after, limit])
    .map(({ place, key, due_at, outcome, run, state }) => ({
      place,
      schedule: key as ScheduleKey,
      dueAt: due_at as Instant,
      ...present("outcome", outcome as BackfillOutcome | null),
      ...present("run", run as RunId | null),
      ...present("state", state as StateType | null),
    }));
}

interface DueRow {
  readonly place: number;
  readonly key: string;
  readonly due_at: number;
  readonly outcome: string | null;
  readonly run: string | null;
  readonly state: string | null;
}

const DUES = `
  SELECT d.place, d.key, d.due_at, d.outcome, r.id AS run, r.state_type AS state
  FROM backfill_due d LEFT JOIN run r ON r.flow = ? AND r.schedule_key = d.key AND r.scheduled_for = d.due_at
  WHERE d.backfill_no = ? AND d.place > ? ORDER BY d.place LIMIT ?`;

/** Which of these due times of a flow have a run, by place. */
export function placesWithRun(
  connection: Connection,
  flow: FlowName,
  dues: readonly PlacedDue[],
): ReadonlySet<number> {
  const rows = dues.map(({ place, schedule, dueAt }) => [place, schedule, dueAt]);
  const found = connection.all<{ place: number }>(
    `SELECT j.value->>0 AS place FROM json_each(?) AS j
     JOIN run r ON r.flow = ? AND r.schedule_key = j.value->>1 AND r.scheduled_for = j.value->>2`,
    [rowsJson(rows), flow],
  );
  return new Set(found.map(({ place }) => place));
}

/** Runs of a backfill that have not been started. */
export function listWaitingOfBackfill(
  connection: Connection,
  { id }: Backfill,
  limit: number,
): readonly Run[] {
  return connection
    .all<RunTable>(
      "SELECT * FROM run WHERE backfill = ? AND state_type = 'SCHEDULED' ORDER BY no LIMIT ?",
      [id, limit],
    )
    .map(runOfRow);
}

function backfillOfRow(row: BackfillRow): Backfill {
  return {
    no: row.no,
    id: row.id,
    flow: row.flow as FlowName,
    ...present("schedule", row.key as ScheduleKey | null),
    from: row.from_at as Instant,
    to: row.to_at as Instant,
    overlap: row.overlap as BackfillPolicy,
    by: row.asked_by,
    total: row.total,
    createdAt: row.created_at as Instant,
    ...present("madeAt", row.made_at as Instant | null),
    ...present("cancelledAt", row.cancelled_at as Instant | null),
  };
}
