import type { FlowName, RunId, SlotName } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run, TaskRun } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { runOfRow, taskRunOfRow } from "./rows.ts";
import type { RunTable, TaskRunTable } from "./tables.ts";

/** A run that may be started. */
export interface DueRun {
  readonly runId: RunId;
  readonly flow: FlowName;
}

/** Which runs to read: those due at `now`, of these priorities. */
export interface DueQuery {
  readonly now: Instant;
  readonly limit: number;
  /** In the order in which they go: greatest first. */
  readonly priorities: readonly number[];
}

/** Runs whose time has come: greatest priority first, then longest due. None that waits for a slot. */
export function listDueRuns(
  connection: Connection,
  { now, limit, priorities }: DueQuery,
): readonly DueRun[] {
  const due: DueRun[] = [];
  for (const priority of priorities) {
    if (due.length >= limit) break;
    due.push(...connection.all<DueRun>(DUE_OF_PRIORITY, [priority, now, limit - due.length]));
  }
  return due;
}

/** When the next run that is not yet due will be. */
export function nextRunDueAt(
  connection: Connection,
  { now, priorities }: Omit<DueQuery, "limit">,
): Instant | undefined {
  const dues = priorities.flatMap((priority) => {
    const [row] = connection.all<{ due: number | null }>(NEXT_OF_PRIORITY, [priority, now]);
    return row?.due ?? [];
  });
  return dues.length === 0 ? undefined : (Math.min(...dues) as Instant);
}

/** The priorities that waiting runs have. */
export function listPriorities(connection: Connection): readonly number[] {
  return connection
    .all<{ priority: number }>("SELECT DISTINCT priority FROM run WHERE state_type = 'SCHEDULED'")
    .map(({ priority }) => priority);
}

/**
 * The first runs that wait for a slot: greatest priority first, then longest due. Each was due when it was told to
 * wait, and is so still where the clock has been put back since.
 */
export function listWaitingRuns(
  connection: Connection,
  { slot, limit }: { readonly slot: SlotName; readonly limit: number },
): readonly DueRun[] {
  return connection.all<DueRun>(
    `SELECT id AS runId, flow FROM run INDEXED BY run_waiting WHERE slot = ?
     ORDER BY priority DESC, due_at, no LIMIT ?`,
    [slot, limit],
  );
}

/** The slots that runs wait for. */
export function listAwaitedSlots(connection: Connection): readonly SlotName[] {
  return connection
    .all<{ slot: string }>(
      "SELECT DISTINCT slot FROM run INDEXED BY run_waiting WHERE slot IS NOT NULL",
    )
    .map(({ slot }) => slot as SlotName);
}

const DUE_OF_PRIORITY = `
  SELECT id AS runId, flow FROM run INDEXED BY run_due
  WHERE state_type = 'SCHEDULED' AND slot IS NULL AND priority = ? AND due_at <= ? ORDER BY due_at, no LIMIT ?`;
const NEXT_OF_PRIORITY = `
  SELECT min(due_at) AS due FROM run INDEXED BY run_due
  WHERE state_type = 'SCHEDULED' AND slot IS NULL AND priority = ? AND due_at > ?`;

export function listRunsById(connection: Connection, ids: readonly RunId[]): readonly Run[] {
  if (ids.length === 0) return [];
  return connection
    .all<RunTable>("SELECT run.* FROM json_each(?) AS j JOIN run ON run.id = j.value", [
      rowsJson(ids),
    ])
    .map(runOfRow);
}

/** Runs of schedules that wait to be started and are not Late. Those of a backfill never are. */
export function listRunsToBeLate(connection: Connection): readonly Run[] {
  return connection
    .all<RunTable>(
      `SELECT * FROM run INDEXED BY run_due
       WHERE state_type = 'SCHEDULED' AND slot IS NULL AND state_name = 'Scheduled' AND scheduled_for IS NOT NULL
         AND backfill IS NULL`,
    )
    .map(runOfRow);
}

/** Runs that an executor held when its daemon died: neither waiting nor over nor put aside. */
export function listRunsInFlight(connection: Connection): readonly Run[] {
  return connection
    .all<RunTable>(
      "SELECT * FROM run WHERE state_type IN ('PENDING', 'RUNNING', 'CANCELLING') ORDER BY no",
    )
    .map(runOfRow);
}

/**
 * The runs of a flow that stand in the way of another, oldest first: those that are held, wait for their retry,
 * or are due. A run that somebody asked for at a later time does not, nor does one of a backfill: what is due
 * is never skipped for those, it goes before them.
 */
export function listBlockingRuns(
  connection: Connection,
  flow: FlowName,
  { now, limit }: { readonly now: Instant; readonly limit: number },
): readonly Run[] {
  return connection
    .all<RunTable>(
      `SELECT * FROM run INDEXED BY run_open
       WHERE flow = ? AND open = 1
         AND (state_type <> 'SCHEDULED' OR state_name = 'AwaitingRetry' OR due_at <= ?) AND backfill IS NULL
       ORDER BY no LIMIT ?`,
      [flow, now, limit],
    )
    .map(runOfRow);
}

/** Which of these flows have runs that are not over: one look for all of them. */
export function listOpenFlows(
  connection: Connection,
  flows: readonly FlowName[],
): ReadonlySet<FlowName> {
  const rows = connection.all<{ flow: FlowName }>(
    `SELECT j.value AS flow FROM json_each(?) AS j WHERE EXISTS
       (SELECT 1 FROM run INDEXED BY run_open
        WHERE run.flow = j.value AND open = 1 AND backfill IS NULL)`,
    [rowsJson(flows)],
  );
  return new Set(rows.map(({ flow }) => flow));
}

/**
 * Runs that have been begun and go on later, and keep others of their flow waiting until then, oldest first: they
 * wait for their next attempt or for a person, or have just been resumed.
 */
export function listPlaceKeepers(connection: Connection): readonly Run[] {
  return connection.all<RunTable>(PLACE_KEEPERS).map(runOfRow);
}

/** One that is run again after its end has no place until it is claimed. */
const PLACE_KEEPERS = `
  SELECT * FROM run WHERE state_type IN ('PAUSED', 'SCHEDULED') AND exclusive = 1
    AND (state_type = 'PAUSED' OR state_name = 'AwaitingRetry' OR (attempt + failures + crashes > 0 AND ended_at IS NULL))
  ORDER BY no`;

export function findRunByKey(
  connection: Connection,
  flow: FlowName,
  idempotencyKey: string,
): Run | undefined {
  const [row] = connection.all<RunTable>(
    "SELECT * FROM run WHERE flow = ? AND idempotency_key = ?",
    [flow, idempotencyKey],
  );
  return row === undefined ? undefined : runOfRow(row);
}

/** Task runs of a run that have not ended. */
export function listOpenTaskRuns(connection: Connection, run: Run): readonly TaskRun[] {
  return connection
    .all<TaskRunTable>(
      `SELECT * FROM task_run WHERE run_no = ? AND state_type NOT IN ('COMPLETED','FAILED','CRASHED','CANCELLED') ORDER BY no`,
      [run.no],
    )
    .map(taskRunOfRow);
}

/** Child runs that are not over. */
export function listOpenChildren(connection: Connection, parent: RunId): readonly Run[] {
  return connection
    .all<RunTable>(
      `SELECT * FROM run INDEXED BY run_children
       WHERE parent_id = ? AND open = 1 ORDER BY no`,
      [parent],
    )
    .map(runOfRow);
}

/** Paused runs whose time to be resumed is over. */
export function listOverduePauses(connection: Connection, now: Instant): readonly Run[] {
  return connection
    .all<RunTable>(
      "SELECT * FROM run INDEXED BY run_paused WHERE state_type = 'PAUSED' AND due_at IS NOT NULL AND due_at <= ?",
      [now],
    )
    .map(runOfRow);
}

/** When the next paused run's time to be resumed is over. */
export function nextPauseEnd(connection: Connection, now: Instant): Instant | undefined {
  const [row] = connection.all<{ due: number | null }>(
    "SELECT min(due_at) AS due FROM run INDEXED BY run_paused WHERE state_type = 'PAUSED' AND due_at IS NOT NULL AND due_at > ?",
    [now],
  );
  return (row?.due ?? undefined) as Instant | undefined;
}
