import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { ScheduleLife, ScheduleRule } from "../domain/schedule-life.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { present } from "./rows.ts";

interface LifeRow {
  readonly flow: string;
  readonly key: string;
  readonly spec: string;
  readonly generation: number;
  readonly began_at: number;
  readonly ended_at: number | null;
}

/** A schedule as the newest config has it. */
export interface LivingSchedule {
  readonly flow: FlowName;
  readonly schedule: ScheduleKey;
  readonly rule: ScheduleRule;
}

/** Records which schedules are in force from now on: what is new or changed begins a life, what is gone ends one. */
export function saveLives(
  connection: Connection,
  living: readonly LivingSchedule[],
  { generation, now }: { readonly generation: number; readonly now: Instant },
): void {
  const nameOf = (flow: string, key: string) => `${flow}\n${key}`;
  const before = new Map(
    connection
      .all<LifeRow>("SELECT * FROM schedule_life WHERE ended_at IS NULL")
      .map((row) => [nameOf(row.flow, row.key), row]),
  );
  const specs = new Map(
    living.map(({ flow, schedule, rule }) => [nameOf(flow, schedule), JSON.stringify(rule)]),
  );
  const ended = [...before].filter(([name, { spec }]) => specs.get(name) !== spec);
  const begun = living.filter(({ flow, schedule }) => {
    const name = nameOf(flow, schedule);
    return before.get(name)?.spec !== specs.get(name);
  });
  if (ended.length > 0)
    connection.run(END, [now, rowsJson(ended.map(([, { flow, key }]) => [flow, key]))]);
  if (begun.length === 0) return;
  const rows = begun.map(({ flow, schedule, rule }) => [flow, schedule, JSON.stringify(rule)]);
  connection.run(BEGIN, [generation, now, rowsJson(rows)]);
}

const END = `
  UPDATE schedule_life SET ended_at = ?
  WHERE ended_at IS NULL AND (flow, key) IN (SELECT j.value->>0, j.value->>1 FROM json_each(?) AS j)`;
const BEGIN = `
  INSERT INTO schedule_life (flow, key, spec, generation, began_at)
  SELECT j.value->>0, j.value->>1, j.value->>2, v.generation, v.now
  FROM (SELECT ? AS generation, ? AS now) AS v, json_each(?) AS j`;

/** Every schedule that a flow has had, as it was, oldest first. */
export function listLives(connection: Connection, flow: string): readonly ScheduleLife[] {
  return connection
    .all<LifeRow>("SELECT * FROM schedule_life WHERE flow = ? ORDER BY began_at, no", [flow])
    .map(({ key, spec, generation, began_at, ended_at }) => ({
      schedule: key as ScheduleKey,
      rule: JSON.parse(spec) as ScheduleRule,
      generation,
      beganAt: began_at as Instant,
      ...present("endedAt", ended_at as Instant | null),
    }));
}
