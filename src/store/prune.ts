import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { pruneSchedules } from "./prune-schedules.ts";
import type { GoneRows } from "./tally.ts";

/**
 * Deletes up to `limit` runs that ended before `before`, with everything that belongs to them, and as many
 * decisions of that age, inside the caller's transaction. Runs with a delivery that is not over are kept.
 * Answers what went.
 */
export function pruneEnded(connection: Connection, before: Instant, limit: number): GoneRows {
  // The plus keeps the planner from going by the state, which would read and sort every run that is over.
  const runs = connection.all<{ no: number; state: string }>(
    `SELECT no, state_type AS state FROM run WHERE ended_at IS NOT NULL AND ended_at < ?
         AND +state_type IN ('COMPLETED','FAILED','CRASHED','CANCELLED')
         AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.run_no = run.no AND d.due_at IS NOT NULL)
       ORDER BY ended_at LIMIT ?`,
    [before, limit],
  );
  const nos = rowsJson(runs.map(({ no }) => no));
  connection.run(DELETE_TAGS, [nos]);
  const ofRuns = deleteDeliveries(connection, OF_RUNS, nos);
  for (const statement of DELETES) connection.run(statement, [nos]);
  const decisions = connection.all<{ no: number }>(OLD_DECISIONS, [before, limit]);
  const decisionNos = rowsJson(decisions.map(({ no }) => no));
  const ofDecisions = deleteDeliveries(connection, OF_DECISIONS, decisionNos);
  connection.run("DELETE FROM decision WHERE no IN (SELECT value FROM json_each(?))", [
    decisionNos,
  ]);
  connection.run("DELETE FROM hook_memory WHERE at < ?", [before]);
  connection.run(
    "DELETE FROM boot WHERE heartbeat_at < ? AND no < (SELECT max(no) FROM boot) - 1",
    [before],
  );
  pruneSchedules(connection, before);
  return { runs, deliveries: [...ofRuns, ...ofDecisions] };
}

/** Deletes the deliveries of some runs or decisions, and what was written down of them. */
function deleteDeliveries(connection: Connection, which: string, nos: string) {
  connection.run(
    `DELETE FROM delivery_attempt WHERE delivery_no IN (SELECT no FROM delivery WHERE ${which})`,
    [nos],
  );
  return connection.all<GoneRows["deliveries"][number]>(
    `DELETE FROM delivery WHERE ${which} RETURNING hook_no AS hookNo, status`,
    [nos],
  );
}

const OLD_DECISIONS = `SELECT no FROM decision WHERE decided_at < ?
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.decision_no = decision.no AND d.due_at IS NOT NULL) LIMIT ?`;
const OF_DECISIONS = "decision_no IN (SELECT value FROM json_each(?))";
/** The tags are read off the runs, which go after them. */
const DELETE_TAGS = `DELETE FROM run_tag WHERE (tag, run_no) IN
  (SELECT tag.value, run.no FROM json_each(?) AS j CROSS JOIN run ON run.no = j.value, json_each(run.tags) AS tag)`;
const OF_RUNS = "run_no IN (SELECT value FROM json_each(?))";
const DELETES = [
  `DELETE FROM resume_input WHERE ${OF_RUNS}`,
  `DELETE FROM log WHERE ${OF_RUNS}`,
  `DELETE FROM transition WHERE ${OF_RUNS}`,
  `DELETE FROM task_run WHERE ${OF_RUNS}`,
  "DELETE FROM run WHERE no IN (SELECT value FROM json_each(?))",
];
