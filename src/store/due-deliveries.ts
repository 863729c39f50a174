import type { Decision } from "../domain/decision.ts";
import type { DeliveryStatus } from "../domain/delivery.ts";
import type { Moment } from "../domain/flow.ts";
import type { DeliveryId, FlowName, HookKey, RunId, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run, TaskRun } from "../domain/run.ts";
import type { State } from "../domain/state.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { present, runOfRow, stateOfRow, taskRunOfRow } from "./rows.ts";
import type {
  DecisionTable,
  DeliveryTable,
  RunTable,
  StateColumns,
  TaskRunTable,
  TransitionTable,
} from "./tables.ts";

/** A delivery whose next attempt is due, with everything its hook is told. */
export interface DueDelivery {
  readonly no: number;
  readonly id: DeliveryId;
  readonly hook: HookKey;
  readonly hookNo: number;
  readonly moment: Moment;
  readonly status: DeliveryStatus;
  /** Attempts made so far, and how many of them before it was last replayed. */
  readonly attempts: number;
  readonly ladderFrom: number;
  /** Somebody asked for it again: the hook's own options do not drop it then. */
  readonly replayed: boolean;
  readonly createdAt: Instant;
  readonly about: DeliverySubject;
}

export type DeliverySubject =
  | {
      readonly kind: "run";
      /** The run as of the transition. */
      readonly run: Run;
      readonly taskRun?: TaskRun;
      readonly state: State;
      readonly previous?: State;
    }
  | { readonly kind: "decision"; readonly decision: Decision };

/** What waits for a hook. */
export interface HookBacklog {
  readonly hookNo: number;
  readonly nextDueAt: Instant;
}

/** Which hooks have deliveries that are not yet over, and when the first of each is due. */
export function listBacklogs(connection: Connection): readonly HookBacklog[] {
  return connection.all<HookBacklog>(
    `SELECT h.no AS hookNo, (SELECT min(d.due_at) FROM delivery d WHERE d.hook_no = h.no AND d.due_at IS NOT NULL) AS nextDueAt
     FROM hook h WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.hook_no = h.no AND d.due_at IS NOT NULL)`,
  );
}

/** The numbers of a hook's due deliveries, longest due first. */
export function listDueNumbers(
  connection: Connection,
  {
    hookNo,
    now,
    limit,
  }: { readonly hookNo: number; readonly now: Instant; readonly limit: number },
): readonly number[] {
  return connection
    .all<{ no: number }>(
      "SELECT no FROM delivery WHERE hook_no = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, no LIMIT ?",
      [hookNo, now, limit],
    )
    .map(({ no }) => no);
}

/** When a hook's next delivery is due, if any waits. */
export function nextDueAt(
  connection: Connection,
  hookNo: number,
  after: Instant,
): Instant | undefined {
  const [row] = connection.all<{ due: number | null }>(
    "SELECT min(due_at) AS due FROM delivery WHERE hook_no = ? AND due_at IS NOT NULL AND due_at > ?",
    [hookNo, after],
  );
  return (row?.due ?? undefined) as Instant | undefined;
}

interface LoadedRow {
  readonly delivery: string;
}

/** Loads deliveries with what their hooks are told: run, task run and states as of the transition, or the decision. */
export function loadDeliveries(
  connection: Connection,
  nos: readonly number[],
): readonly DueDelivery[] {
  if (nos.length === 0) return [];
  return connection
    .all<LoadedRow>(LOAD, [rowsJson(nos)])
    .map(({ delivery }) => deliveryOf(delivery));
}

interface Loaded {
  readonly d: DeliveryTable & { readonly hook: string };
  readonly r: RunTable | null;
  readonly k: TaskRunTable | null;
  readonly t: TransitionTable | null;
  readonly p: TransitionTable | null;
  readonly c: DecisionTable | null;
}

function deliveryOf(json: string): DueDelivery {
  const loaded = JSON.parse(json) as Loaded;
  const { d } = loaded;
  return {
    no: d.no,
    id: d.id as DeliveryId,
    hook: d.hook as HookKey,
    hookNo: d.hook_no,
    moment: d.moment as Moment,
    status: d.status as DeliveryStatus,
    attempts: d.attempts,
    ladderFrom: d.ladder_from,
    replayed: d.replays > 0,
    createdAt: d.created_at as Instant,
    about: subjectOf(loaded),
  };
}

function subjectOf({ d, r, k, t, p, c }: Loaded): DeliverySubject {
  if (c !== null) return { kind: "decision", decision: decisionOfRow(c) };
  if (r === null || t === null) throw new Error(`Delivery "${d.id}" belongs to no transition`);
  const ofTask = t.task_no !== null;
  return {
    kind: "run",
    run: ofTask ? runOfRow(r) : runOfRow({ ...r, ...asOf(r, t) }),
    ...(k === null ? {} : { taskRun: taskRunOfRow({ ...k, ...asOf(k, t) }) }),
    state: stateOfRow(stateColumns(t)),
    ...(p === null ? {} : { previous: stateOfRow(stateColumns(p)) }),
  };
}

export function decisionOfRow(row: DecisionTable): Decision {
  return {
    flow: row.flow as FlowName,
    schedule: row.schedule_key as ScheduleKey,
    dueAt: row.due_at as Instant,
    kind: row.kind as Decision["kind"],
    reason: row.reason,
    ...present("blockedBy", row.blocked_by as RunId | null),
    decidedAt: row.decided_at as Instant,
  };
}

type Times = Pick<RunTable, "attempt" | "started_at" | "ended_at" | "result">;

/** The columns that later steps may have changed, as they were at the transition. */
function asOf(row: Times, t: TransitionTable): StateColumns & Times {
  const started = row.started_at !== null && row.started_at <= t.at ? row.started_at : null;
  const ended = TERMINAL.has(t.type) ? t.at : null;
  const result = t.type === "COMPLETED" ? row.result : null;
  return { ...stateColumns(t), attempt: t.attempt, started_at: started, ended_at: ended, result };
}

const TERMINAL = new Set(["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]);

function stateColumns(t: TransitionTable): StateColumns {
  return {
    state_type: t.type,
    state_name: t.name,
    message: t.message,
    state_at: t.at,
    due_at: t.due_at,
    error: t.error,
  };
}

const transitionJson = (alias: string) =>
  `json_object('type', ${alias}.type, 'name', ${alias}.name, 'message', ${alias}.message, 'at', ${alias}.at, 'attempt', ${alias}.attempt,
    'due_at', ${alias}.due_at, 'error', ${alias}.error, 'task_no', ${alias}.task_no)`;

const LOAD = `
  SELECT json_object(
    'd', json_object('no', d.no, 'id', d.id, 'hook', h.key, 'hook_no', d.hook_no, 'moment', d.moment, 'status', d.status, 'attempts', d.attempts,
      'ladder_from', d.ladder_from, 'replays', d.replays, 'created_at', d.created_at),
    'r', CASE WHEN r.no IS NULL THEN NULL ELSE json_object('no', r.no, 'id', r.id, 'name', r.name, 'flow', r.flow, 'rev', r.rev, 'state_type', r.state_type,
      'state_name', r.state_name, 'message', r.message, 'state_at', r.state_at, 'due_at', r.due_at, 'error', r.error, 'attempt', r.attempt,
      'failures', r.failures, 'crashes', r.crashes, 'parameters', r.parameters, 'tags', r.tags, 'schedule_key', r.schedule_key,
      'scheduled_for', r.scheduled_for, 'idempotency_key', r.idempotency_key, 'parent_id', r.parent_id, 'generation', r.generation, 'priority', r.priority, 'exclusive', r.exclusive, 'backfill', r.backfill,
      'created_at', r.created_at, 'started_at', r.started_at, 'ended_at', r.ended_at, 'result', r.result) END,
    'k', CASE WHEN k.no IS NULL THEN NULL ELSE json_object('id', k.id, 'task', k.task, 'call', k.call, 'parent', k.parent, 'rev', k.rev, 'attempt', k.attempt,
      'state_type', k.state_type, 'state_name', k.state_name, 'message', k.message, 'state_at', k.state_at, 'due_at', k.due_at, 'error', k.error,
      'created_at', k.created_at, 'started_at', k.started_at, 'ended_at', k.ended_at, 'result', k.result) END,
    't', CASE WHEN t.seq IS NULL THEN NULL ELSE ${transitionJson("t")} END,
    'p', (SELECT ${transitionJson("p")} FROM transition p
      WHERE p.run_no = d.run_no AND p.seq < d.seq AND p.task_no IS t.task_no ORDER BY p.seq DESC LIMIT 1),
    'c', CASE WHEN c.no IS NULL THEN NULL ELSE json_object('flow', c.flow, 'schedule_key', c.schedule_key, 'due_at', c.due_at,
      'kind', c.kind, 'reason', c.reason, 'blocked_by', c.blocked_by, 'decided_at', c.decided_at) END
  ) AS delivery
  FROM json_each(?) AS j
  JOIN delivery d ON d.no = j.value
  JOIN hook h ON h.no = d.hook_no
  LEFT JOIN transition t ON t.seq = d.seq
  LEFT JOIN run r ON r.no = d.run_no
  LEFT JOIN task_run k ON k.no = t.task_no
  LEFT JOIN decision c ON c.no = d.decision_no
  ORDER BY d.no`;
