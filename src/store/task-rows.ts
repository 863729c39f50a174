import type { Run, TaskRun, Transition } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import type { Numbers } from "./numbers.ts";
import { dueAtOf, errorOf } from "./rows.ts";

interface TaskStep {
  readonly run: Run;
  readonly taskTransition: Transition<TaskRun>;
}

/** Brings the rows of task runs to their last steps; answers each step's task run number. */
export function upsertTaskRuns(
  connection: Connection,
  steps: readonly TaskStep[],
  numbers: Numbers,
): ReadonlyMap<unknown, number> {
  if (steps.length === 0) return new Map();
  const numbered = numberTaskRuns(connection, steps, numbers);
  writeTaskRuns(connection, numbered);
  cacheResults(connection, steps);
  return new Map(numbered.map(({ step, taskNo }) => [step, taskNo]));
}

/** What a task with `cache` answered is there for every run from this commit on. */
function cacheResults(connection: Connection, steps: readonly TaskStep[]): void {
  const rows = steps.flatMap(({ taskTransition: { after } }) => {
    const { task, cache, result, state } = after;
    if (cache === undefined || result === undefined || state.name !== "Completed") return [];
    return [[task, cache.key, result, cache.expiresAt ?? null]];
  });
  if (rows.length > 0) connection.run(UPSERT_CACHE, [rowsJson(rows)]);
}

interface NumberedStep {
  readonly step: TaskStep;
  readonly taskNo: number;
}

function numberTaskRuns(
  connection: Connection,
  steps: readonly TaskStep[],
  numbers: Numbers,
): readonly NumberedStep[] {
  const ids = [...new Set(steps.map(({ taskTransition }) => taskTransition.after.id))];
  const known = connection.all<{ id: string; no: number }>(
    "SELECT id, no FROM task_run WHERE id IN (SELECT value FROM json_each(?))",
    [rowsJson(ids)],
  );
  const nos = new Map(known.map(({ id, no }) => [id, no]));
  return steps.map((step) => {
    const { id } = step.taskTransition.after;
    const taskNo = nos.get(id) ?? numbers.take("task_run");
    nos.set(id, taskNo);
    return { step, taskNo };
  });
}

function writeTaskRuns(connection: Connection, steps: readonly NumberedStep[]): void {
  const last = new Map(steps.map((numbered) => [numbered.taskNo, numbered.step]));
  const rows = [...last].map(
    ([
      no,
      {
        run,
        taskTransition: { after },
      },
    ]) => [
      no,
      after.id,
      run.no,
      Math.max(run.attempt, 1),
      after.task,
      after.call,
      after.rev,
      after.state.type,
      after.state.name,
      after.state.message,
      after.state.at,
      dueAtOf(after.state),
      errorOf(after.state),
      after.attempt,
      after.createdAt,
      after.startedAt ?? null,
      after.endedAt ?? null,
      after.result ?? null,
      after.keep ?? null,
      after.parent ?? null,
    ],
  );
  connection.run(UPSERT_TASK_RUNS, [rowsJson(rows)]);
}

const UPSERT_TASK_RUNS = `
  INSERT INTO task_run (no, id, run_no, run_attempt, task, call, rev, state_type, state_name, message, state_at,
    due_at, error, attempt, created_at, started_at, ended_at, result, keep, parent)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
    j.value->>8, j.value->>9, j.value->>10, j.value->>11, j.value->>12, j.value->>13, j.value->>14, j.value->>15,
    j.value->>16, j.value->>17, j.value->>18, j.value->>19
  FROM json_each(?) AS j WHERE true
  ON CONFLICT (no) DO UPDATE SET rev = excluded.rev, state_type = excluded.state_type, state_name = excluded.state_name,
    message = excluded.message, state_at = excluded.state_at, due_at = excluded.due_at, error = excluded.error,
    attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at, result = excluded.result, keep = excluded.keep`;

const UPSERT_CACHE = `
  INSERT INTO task_cache (task, key, result, expires_at)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3 FROM json_each(?) AS j WHERE true
  ON CONFLICT (task, key) DO UPDATE SET result = excluded.result, expires_at = excluded.expires_at`;
