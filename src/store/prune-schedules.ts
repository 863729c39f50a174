import type { Instant } from "../domain/instant.ts";
import type { Connection } from "./connection.ts";

/** Deletes what is kept about schedules of so long ago: how they were, pauses that are over, backfills that are done. */
export function pruneSchedules(connection: Connection, before: Instant): void {
  for (const statement of DELETES) connection.run(statement, [before]);
}

const OLD_BACKFILLS = `created_at < ? AND (made_at IS NOT NULL OR cancelled_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM run WHERE run.backfill = backfill.id)`;
const DELETES = [
  "DELETE FROM schedule_life WHERE ended_at < ?",
  "DELETE FROM schedule_pause WHERE until < ?",
  "DELETE FROM clock_jump WHERE to_at < ?",
  `DELETE FROM backfill_due WHERE backfill_no IN (SELECT no FROM backfill WHERE ${OLD_BACKFILLS})`,
  `DELETE FROM backfill WHERE ${OLD_BACKFILLS}`,
];
