import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { pruneSchedules } from "./prune-schedules.ts";

/**
 * Deletes up to `limit` runs that ended before `before`, with everything that belongs to them, and as many
 * decisions of that age, inside the caller's transaction. Runs with a delivery that is not over are kept.
 * Answers how many runs went.
 */
export function pruneEnded(connection: Connection, before: Instant, limit: number): number {
  // The plus keeps the planner from going by the state, which would read and sort every run that is over.
  const runs = connection.all<{ no: number }>(
    `SELECT no FROM run WHERE ended_at IS NOT NULL AND ended_at < ?
         AND +state_type IN ('COMPLETED','FAILED','CRASHED','CANCELLED')
         AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run_no = run.no AND d.due_at IS NOT NULL)
       ORDER BY ended_at LIMIT ?`,
    [before, limit],
  );
  const nos = rowsJson(runs.map(({ no }) => no));
  for (const statement of DELETES) connection.run(statement, [nos]);
  const decisions = connection.all<{ no: number }>(OLD_DECISIONS, [before, limit]);
  const decisionNos = rowsJson(decisions.map(({ no }) => no));
  for (const statement of DELETES_OF_DECISIONS) connection.run(statement, [decisionNos]);
  connection.run("DELETE FROM hook_memory WHERE at < ?", [before]);
  connection.run(
    "DELETE FROM boot WHERE heartbeat_at < ? AND no < (SELECT max(no) FROM boot) - 1",
    [before],
  );
  pruneSchedules(connection, before);
  return runs.length;
}

const OLD_DECISIONS = `SELECT no FROM decision WHERE decided_at < ?
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.decision_no = decision.no AND d.due_at IS NOT NULL) LIMIT ?`;
const OF_DECISIONS = "decision_no IN (SELECT value FROM json_each(?))";
const DELETES_OF_DECISIONS = [
  `DELETE FROM delivery_attempt WHERE delivery_no IN (SELECT no FROM delivery WHERE ${OF_DECISIONS})`,
  `DELETE FROM delivery WHERE ${OF_DECISIONS}`,
  "DELETE FROM decision WHERE no IN (SELECT value FROM json_each(?))",
];
const OF_RUNS = "run_no IN (SELECT value FROM json_each(?))";
const DELETES = [
  `DELETE FROM delivery_attempt WHERE delivery_no IN (SELECT no FROM delivery WHERE ${OF_RUNS})`,
  `DELETE FROM delivery WHERE ${OF_RUNS}`,
  `DELETE FROM resume_input WHERE ${OF_RUNS}`,
  `DELETE FROM log WHERE ${OF_RUNS}`,
  `DELETE FROM transition WHERE ${OF_RUNS}`,
  `DELETE FROM task_run WHERE ${OF_RUNS}`,
  "DELETE FROM run WHERE no IN (SELECT value FROM json_each(?))",
];
