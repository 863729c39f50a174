import type { Instant } from "../domain/instant.ts";
import type { Connection } from "./connection.ts";
import type { Reading } from "./delivery-pages.ts";
import { present } from "./rows.ts";
import type { HookRecord } from "./run-history.ts";

/** So many of a hook's newest deliveries are looked at for what became of the last ones. */
const NEWEST = 100;
/** Hooks that are looked at before others get their turn. */
const AT_ONCE = 20;

/** What there is of each hook that has deliveries. */
export async function hookRecords({ reader, tally }: Reading): Promise<readonly HookRecord[]> {
  const keys = keysByNumber(reader);
  const records: HookRecord[] = [];
  for (const [index, [no, deliveries]] of [...tally.readHooks(reader)].entries()) {
    if (index > 0 && index % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const key = keys.get(no);
    if (key !== undefined) records.push({ key, deliveries, ...lastOf(reader, no) });
  }
  return records;
}

/** Every hook that ever had a delivery, by its number. */
export function keysByNumber(reader: Connection): ReadonlyMap<number, string> {
  const rows = reader.all<{ no: number; key: string }>("SELECT no, key FROM hook");
  return new Map(rows.map(({ no, key }) => [no, key]));
}

interface NewestRow {
  readonly delivered: number | null;
  readonly due: number | null;
  readonly tried: string;
}

function lastOf(reader: Connection, no: number): Partial<HookRecord> {
  const [row] = reader.all<NewestRow>(LAST, [no, no]);
  if (row === undefined) return {};
  const [failure] = reader.all<{ at: number; message: string | null }>(FAILURE, [row.tried]);
  const at = failure?.at as Instant | undefined;
  return {
    ...present("lastDeliveredAt", row.delivered as Instant | null),
    ...present("oldestDueAt", row.due as Instant | null),
    ...(at === undefined ? {} : { lastFailure: { at, message: failure?.message ?? "" } }),
  };
}

const LAST = `
  SELECT max(CASE WHEN n.status = 'delivered' THEN n.ended_at END) AS delivered,
    coalesce(json_group_array(n.no) FILTER (WHERE n.attempts > 0), '[]') AS tried,
    (SELECT min(due_at) FROM delivery WHERE hook_no = ? AND due_at IS NOT NULL) AS due
  FROM (SELECT no, status, attempts, ended_at FROM delivery INDEXED BY delivery_by_hook WHERE hook_no = ? ORDER BY no DESC LIMIT ${NEWEST}) n`;

const FAILURE = `
  SELECT ended_at AS at, error->>'$.message' AS message FROM delivery_attempt
  WHERE delivery_no IN (SELECT value FROM json_each(?)) AND error IS NOT NULL ORDER BY ended_at DESC LIMIT 1`;
