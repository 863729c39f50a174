import type { Connection } from "./connection.ts";
import { outcomeOf } from "./flow-outcomes.ts";

/** Decisions hold until a run of the flow completes; so many of the newest runs are looked at. */
const RUNS_LOOKED_AT = 100;

interface HoldingRow {
  readonly type: string | null;
  readonly name: string;
  readonly at: number;
  readonly of_task: number;
  readonly now_type: string;
  readonly now_name: string;
  readonly now_at: number;
  readonly outcome: string | null;
  readonly since: number | null;
  readonly completed: number;
}

/**
 * Why what a delivery tells of no longer holds; undefined while it does. A state holds until it is left, and
 * the end of a run until a later run of its flow ends the other way; a due time that became no run until a run
 * of the flow completes.
 */
export function whyItNoLongerHolds(connection: Connection, deliveryNo: number): string | undefined {
  const [row] = connection.all<HoldingRow>(HOLDING, [deliveryNo]);
  if (row === undefined) return "its run is gone";
  if (row.type === null) return row.completed === 1 ? "a run has completed since" : undefined;
  const { name, at, now_type, now_name, now_at } = row;
  const isStill = now_type === row.type && now_name === name && now_at === at;
  return isStill ? whyTheEndIsPast(row) : `the state did not last: it is ${now_name} now`;
}

function whyTheEndIsPast({ type, at, of_task, outcome, since }: HoldingRow): string | undefined {
  const ended = of_task === 1 || type === null ? undefined : outcomeOf(type);
  if (ended === undefined || since === null) return undefined;
  if (outcome === ended && since <= at) return undefined;
  return `the flow has ${ended === "bad" ? "recovered" : "failed"} since`;
}

const HOLDING = `
  SELECT t.type, t.name, t.at, t.task_no IS NOT NULL AS of_task,
    coalesce(k.state_type, r.state_type) AS now_type, coalesce(k.state_name, r.state_name) AS now_name,
    coalesce(k.state_at, r.state_at) AS now_at, o.type AS outcome, o.since,
    EXISTS (SELECT 1 FROM (SELECT state_type, ended_at FROM run WHERE flow = c.flow ORDER BY no DESC LIMIT ${RUNS_LOOKED_AT})
      WHERE state_type = 'COMPLETED' AND ended_at > c.decided_at) AS completed
  FROM delivery d
  LEFT JOIN transition t ON t.seq = d.seq
  LEFT JOIN run r ON r.no = d.run_no
  LEFT JOIN task_run k ON k.no = t.task_no
  LEFT JOIN decision c ON c.no = d.decision_no
  LEFT JOIN flow_outcome o ON o.flow = r.flow
  WHERE d.no = ? AND (r.no IS NOT NULL OR c.no IS NOT NULL)`;
