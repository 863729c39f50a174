import type { Instant } from "../domain/instant.ts";
import type { Connection } from "../store/connection.ts";

/** Beyond so many nobody needs the exact number, and nobody should wait for it. */
const COUNTED_MAX = 100_000;
/** Among so many newest runs of a flow a completed one is looked for. */
const LOOKED_AT_MAX = 10_000;
const NEWEST = 100;

/** Runs that are due and wait; each is counted up to 100,000. */
export function waitingRuns(
  reader: Connection,
  now: Instant,
): { readonly forThread: number; readonly forSlot: number } {
  const count = (where: string, parameters: readonly number[]) => {
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM run WHERE ${where} LIMIT ${COUNTED_MAX})`;
    const [row] = reader.all<{ count: number }>(sql, parameters);
    return row?.count ?? 0;
  };
  return {
    forThread: count("state_type = 'SCHEDULED' AND slot IS NULL AND due_at <= ?", [now]),
    forSlot: count("slot IS NOT NULL", []),
  };
}

/** When a run of the flow last completed, as the store knows: of the newest that did, in case one overtook another. */
export function lastSuccessOf(reader: Connection, flow: string): Instant | undefined {
  const [row] = reader.all<{ at: number | null }>(LAST_SUCCESS, [flow]);
  return row?.at === null || row?.at === undefined ? undefined : (row.at as Instant);
}

const LAST_SUCCESS = `
  SELECT max(at) AS at FROM (
    SELECT ended_at AS at
    FROM (SELECT state_type, ended_at FROM run WHERE flow = ? ORDER BY no DESC LIMIT ${LOOKED_AT_MAX})
    WHERE state_type = 'COMPLETED' LIMIT ${NEWEST})`;
