import type { FlowName, RunId } from "../domain/ids.ts";
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

/** Runs whose time has come, longest due first. */
export function listDueRuns(
  connection: Connection,
  now: Instant,
  limit: number,
): readonly DueRun[] {
  return connection.all<DueRun>(
    `SELECT id AS runId, flow FROM run INDEXED BY run_due WHERE state_type = 'SCHEDULED' AND due_at <= ?
     ORDER BY due_at, no LIMIT ?`,
    [now, limit],
  );
}

/** When the next run that is not yet due will be. */
export function nextRunDueAt(connection: Connection, now: Instant): Instant | undefined {
  const [row] = connection.all<{ due: number | null }>(
    "SELECT min(due_at) AS due FROM run INDEXED BY run_due WHERE state_type = 'SCHEDULED' AND due_at > ?",
    [now],
  );
  return (row?.due ?? undefined) as Instant | undefined;
}

export function listRunsById(connection: Connection, ids: readonly RunId[]): readonly Run[] {
  if (ids.length === 0) return [];
  return connection
    .all<RunTable>("SELECT run.* FROM json_each(?) AS j JOIN run ON run.id = j.value", [
      rowsJson(ids),
    ])
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
 * The oldest run of a flow that stands in the way of another: one that is held, waits for its retry, or
 * is due. A run that somebody asked for at a later time does not.
 */
export function findBlockingRun(
  connection: Connection,
  flow: FlowName,
  now: Instant,
): Run | undefined {
  const [row] = connection.all<RunTable>(
    `SELECT * FROM run INDEXED BY run_open
     WHERE flow = ? AND state_type IN ('SCHEDULED','PENDING','RUNNING','CANCELLING','PAUSED')
       AND (state_type <> 'SCHEDULED' OR state_name = 'AwaitingRetry' OR due_at <= ?)
     ORDER BY no LIMIT 1`,
    [flow, now],
  );
  return row === undefined ? undefined : runOfRow(row);
}

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
