import type { Decision, DecisionView } from "../domain/decision.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { Connection } from "./connection.ts";
import { present } from "./rows.ts";
import type { DecisionTable } from "./tables.ts";

/** How many of the newest decisions are looked at. */
const NEWEST = 1_000;

/** The newest decision of a kind about one of these flows, if it is among the newest of all. */
export function findNewestDecision(
  reader: Connection,
  kind: Decision["kind"],
  flows: readonly string[],
): DecisionView | undefined {
  const [row] = reader.all<DecisionTable>(
    `SELECT * FROM (SELECT * FROM decision ORDER BY decided_at DESC LIMIT ${NEWEST})
     WHERE kind = ? AND flow IN (SELECT value FROM json_each(?)) ORDER BY decided_at DESC, no DESC LIMIT 1`,
    [kind, JSON.stringify(flows)],
  );
  if (row === undefined) return undefined;
  return {
    flow: row.flow,
    schedule: row.schedule_key,
    dueAt: isoOf(row.due_at as Instant),
    kind,
    reason: row.reason,
    ...present("blockedBy", row.blocked_by),
    decidedAt: isoOf(row.decided_at as Instant),
  };
}
