import type { DeliveryStatus } from "../domain/delivery.ts";
import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";

/** A delivery that may be asked for again. */
export interface Replayable {
  readonly no: number;
  readonly hookNo: number;
  readonly hook: string;
  readonly status: DeliveryStatus;
}

export function loadReplayable(
  connection: Connection,
  nos: readonly number[],
): readonly Replayable[] {
  return connection.all<Replayable>(
    `SELECT d.no, d.hook_no AS hookNo, h.key AS hook, d.status FROM json_each(?) j
     CROSS JOIN delivery d ON d.no = j.value JOIN hook h ON h.no = d.hook_no ORDER BY d.no`,
    [rowsJson(nos)],
  );
}

export function findReplayable(connection: Connection, id: string): Replayable | undefined {
  const [row] = connection.all<{ no: number }>("SELECT no FROM delivery WHERE id = ?", [id]);
  return row === undefined ? undefined : loadReplayable(connection, [row.no])[0];
}

/** Makes deliveries due now, with their ladder of waits before them again, inside the caller's transaction. */
export function replay(connection: Connection, nos: readonly number[], now: Instant): void {
  if (nos.length > 0) connection.run(REPLAY, [now, rowsJson(nos)]);
}

const REPLAY = `
  UPDATE delivery SET status = 'pending', due_at = ?, replays = replays + 1, ladder_from = attempts,
    reason = NULL, ended_at = NULL
  WHERE no IN (SELECT value FROM json_each(?))`;
