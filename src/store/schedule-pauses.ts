import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { SchedulePause } from "../domain/schedule-pause.ts";
import type { Connection } from "./connection.ts";
import { present } from "./rows.ts";

interface PauseRow {
  readonly flow: string;
  readonly key: string | null;
  readonly since: number;
  readonly paused_by: string;
  readonly reason: string;
  readonly until: number | null;
  readonly resumed_by: string | null;
}

/** The pauses that go on, oldest first. */
export function listPausesNow(connection: Connection): readonly SchedulePause[] {
  return connection
    .all<PauseRow>("SELECT * FROM schedule_pause WHERE until IS NULL ORDER BY no")
    .map(pauseOfRow);
}

/** The pauses of a flow, and of its schedules, that held at an instant. */
export function listPausesAt(
  connection: Connection,
  flow: string,
  at: Instant,
): readonly SchedulePause[] {
  return connection
    .all<PauseRow>(
      "SELECT * FROM schedule_pause WHERE flow = ? AND since <= ? AND (until IS NULL OR until > ?) ORDER BY no",
      [flow, at, at],
    )
    .map(pauseOfRow);
}

export function insertPause(connection: Connection, pause: SchedulePause): void {
  const { flow, schedule, since, by, reason } = pause;
  connection.run(
    "INSERT INTO schedule_pause (flow, key, since, paused_by, reason) VALUES (?, ?, ?, ?, ?)",
    [flow, schedule ?? null, since, by, reason],
  );
}

export function endPause(
  connection: Connection,
  { flow, schedule }: SchedulePause,
  { until, by }: { readonly until: Instant; readonly by: string },
): void {
  connection.run(
    "UPDATE schedule_pause SET until = ?, resumed_by = ? WHERE flow = ? AND key IS ? AND until IS NULL",
    [until, by, flow, schedule ?? null],
  );
}

function pauseOfRow(row: PauseRow): SchedulePause {
  return {
    flow: row.flow as FlowName,
    ...present("schedule", row.key as ScheduleKey | null),
    since: row.since as Instant,
    by: row.paused_by,
    reason: row.reason,
    ...present("until", row.until as Instant | null),
    ...present("resumedBy", row.resumed_by),
  };
}
