import type { KeptResult } from "../domain/executor.ts";
import type { Instant } from "../domain/instant.ts";
import type { Json, JsonText } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import type { CacheAnswer } from "../domain/thread-request.ts";
import type { Connection } from "./connection.ts";

/** What tasks with `persist` answered in earlier attempts of a run; of two answers to one call the newest. */
export function listKeptResults(connection: Connection, run: Run): readonly KeptResult[] {
  const rows = connection.all<{ task: string; call: number; keep: string; result: string }>(
    `SELECT task, call, keep, result FROM task_run INDEXED BY task_run_kept
     WHERE run_no = ? AND keep IS NOT NULL AND state_type = 'COMPLETED' AND result IS NOT NULL ORDER BY no`,
    [run.no],
  );
  const newest = new Map(rows.map((row) => [`${row.task}\n${row.call}\n${row.keep}`, row]));
  return [...newest.values()].map(({ task, call, keep, result }) => ({
    task,
    call,
    key: keep,
    result: result as JsonText,
  }));
}

/** What a run was given each time it was resumed, by `pause` call. */
export function listResumeInputs(connection: Connection, run: Run): readonly Json[] {
  return connection
    .all<{ input: string }>("SELECT input FROM resume_input WHERE run_no = ? ORDER BY call", [
      run.no,
    ])
    .map(({ input }) => JSON.parse(input) as Json);
}

export function saveResumeInput(
  connection: Connection,
  run: Run,
  { call, input }: { readonly call: number; readonly input: Json },
): void {
  connection.run(
    `INSERT INTO resume_input (run_no, call, input) VALUES (?, ?, ?)
     ON CONFLICT (run_no, call) DO UPDATE SET input = excluded.input`,
    [run.no, call, JSON.stringify(input)],
  );
}

/** A result that a task with `cache` left, if it has not expired. */
export function findCached(
  connection: Connection,
  { task, key, now }: { readonly task: string; readonly key: string; readonly now: Instant },
): CacheAnswer {
  const [row] = connection.all<{ result: string }>(
    "SELECT result FROM task_cache WHERE task = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
    [task, key, now],
  );
  return row === undefined
    ? { found: false }
    : { found: true, result: JSON.parse(row.result) as Json };
}

/** Deletes cached results that have expired. */
export function dropExpired(connection: Connection, now: Instant): void {
  connection.run("DELETE FROM task_cache WHERE expires_at IS NOT NULL AND expires_at <= ?", [now]);
}
