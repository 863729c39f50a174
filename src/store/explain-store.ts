import type { Decision } from "../domain/decision.ts";
import type { Absence } from "../domain/explain.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { Connection } from "./connection.ts";
import { decisionOfRow } from "./due-deliveries.ts";
import { present, runOfRow } from "./rows.ts";
import type { BootTable, DecisionTable, RunTable } from "./tables.ts";

/** Runs of a flow that are looked through for those that somebody asked for by hand. */
const LOOKED_AT_MAX = 5_000;
const SHOWN_MAX = 5;

/** A due time of a schedule. */
export interface DueName {
  readonly flow: FlowName;
  readonly schedule: ScheduleKey;
  readonly dueAt: Instant;
}

export function findRunOfDue(
  connection: Connection,
  { flow, schedule, dueAt }: DueName,
): Run | undefined {
  const [row] = connection.all<RunTable>(
    "SELECT * FROM run WHERE flow = ? AND schedule_key = ? AND scheduled_for = ?",
    [flow, schedule, dueAt],
  );
  return row === undefined ? undefined : runOfRow(row);
}

export function findDecision(
  connection: Connection,
  { flow, schedule, dueAt }: DueName,
): Decision | undefined {
  const [row] = connection.all<DecisionTable>(
    "SELECT * FROM decision WHERE flow = ? AND schedule_key = ? AND due_at = ?",
    [flow, schedule, dueAt],
  );
  return row === undefined ? undefined : decisionOfRow(row);
}

/** When a schedule was due in a span of time, by what was made of it: for one that follows the daemon's starts. */
export function findDealtDue(
  connection: Connection,
  { flow, schedule }: Omit<DueName, "dueAt">,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Instant | undefined {
  const [row] = connection.all<{ due: number }>(
    `SELECT scheduled_for AS due FROM run
     WHERE flow = ?1 AND schedule_key = ?2 AND scheduled_for >= ?3 AND scheduled_for < ?4
     UNION ALL SELECT due_at FROM decision
     WHERE flow = ?1 AND schedule_key = ?2 AND due_at >= ?3 AND due_at < ?4 LIMIT 1`,
    [flow, schedule, from, to],
  );
  return row?.due as Instant | undefined;
}

/** The last start of a daemon at or before an instant, and the first after it, if there is one. */
export function findStart(
  connection: Connection,
  at: Instant,
): { readonly at: Instant; readonly next?: Instant } | undefined {
  const [row] = connection.all<{ at: Instant; next: Instant | null }>(
    `SELECT started_at AS at, (SELECT min(started_at) FROM boot AS later WHERE later.no > boot.no) AS next
     FROM boot WHERE started_at <= ? ORDER BY no DESC LIMIT 1`,
    [at],
  );
  return row === undefined ? undefined : { at: row.at, ...present("next", row.next) };
}

/** Runs that somebody asked for by hand, and that were started, or are to be started, in a span of time. */
export function listRunsByHand(
  connection: Connection,
  flow: FlowName,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly Run[] {
  return connection
    .all<RunTable>(
      `SELECT * FROM (SELECT * FROM run WHERE flow = ? ORDER BY no DESC LIMIT ${LOOKED_AT_MAX})
       WHERE schedule_key IS NULL AND coalesce(started_at, due_at) >= ? AND coalesce(started_at, due_at) < ?
       ORDER BY no LIMIT ${SHOWN_MAX}`,
      [flow, from, to],
    )
    .map(runOfRow);
}

/** Why nothing could be dealt with at an instant: no daemon was there, or it slept. */
export function findAbsence(connection: Connection, at: Instant): Absence | undefined {
  return downAt(connection, at) ?? jumpOver(connection, at);
}

function downAt(connection: Connection, at: Instant): Absence | undefined {
  const [before] = connection.all<BootTable>(
    "SELECT * FROM boot WHERE started_at <= ? ORDER BY no DESC LIMIT 1",
    [at],
  );
  const [after] = connection.all<BootTable>(
    "SELECT * FROM boot WHERE started_at > ? ORDER BY no LIMIT 1",
    [at],
  );
  const from = before?.ended_at ?? before?.heartbeat_at;
  // The newest is the daemon that asks: it lives, whenever it last said so.
  if (after === undefined || (from !== undefined && from > at)) return undefined;
  return {
    kind: "down",
    ...present("from", (from ?? null) as Instant | null),
    to: after.started_at as Instant,
    clean: (before?.ended_at ?? null) !== null,
  };
}

function jumpOver(connection: Connection, at: Instant): Absence | undefined {
  const [row] = connection.all<{ from: number; to: number }>(
    `SELECT from_at AS "from", to_at AS "to" FROM clock_jump WHERE from_at <= ? AND to_at >= ? ORDER BY no DESC LIMIT 1`,
    [at, at],
  );
  if (row === undefined) return undefined;
  return { kind: "jump", from: row.from as Instant, to: row.to as Instant };
}

export function saveClockJump(
  connection: Connection,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): void {
  connection.run("INSERT INTO clock_jump (from_at, to_at) VALUES (?, ?)", [from, to]);
}

/** Whether the store knows anything of a flow. */
export function isFlowKnown(connection: Connection, flow: string): boolean {
  const found = connection.all(
    `SELECT 1 FROM run WHERE flow = ? UNION ALL SELECT 1 FROM schedule_life WHERE flow = ? LIMIT 1`,
    [flow, flow],
  );
  return found.length > 0;
}
