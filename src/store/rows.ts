import type { ErrorInfo } from "../domain/failure.ts";
import type { FlowName, RunId, ScheduleKey, SlotName, TaskRunId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { JsonText } from "../domain/json.ts";
import type { Run, TaskRun } from "../domain/run.ts";
import type { PauseRequest, State } from "../domain/state.ts";
import type { RunTable, StateColumns, TaskRunTable } from "./tables.ts";

/** A state's own columns, and those that only a run's row has. */
type StateRow = StateColumns & { readonly slot?: string | null; readonly pause?: string | null };

export function stateOfRow(row: StateRow): State {
  const state = {
    type: row.state_type,
    name: row.state_name,
    message: row.message,
    at: row.state_at,
    ...(row.due_at === null ? {} : { dueAt: row.due_at }),
    ...present("slot", row.slot ?? null),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as ErrorInfo }),
    ...(row.state_type === "PAUSED" ? { pause: pauseOf(row.pause ?? null) } : {}),
  };
  return state as State;
}

/** A transition's row does not hold what was asked for; the run's does. */
function pauseOf(pause: string | null): PauseRequest {
  return pause === null ? { call: 0 } : (JSON.parse(pause) as PauseRequest);
}

/** Until when the state may last: when a run is due, or how long a paused one waits. */
export function dueAtOf(state: State): Instant | null {
  if (state.type === "PAUSED") return state.pause.until ?? null;
  return state.type === "SCHEDULED" ? state.dueAt : null;
}

export function slotOf(state: State): SlotName | null {
  return state.type === "SCHEDULED" ? (state.slot ?? null) : null;
}

export function pauseTextOf(state: State): string | null {
  return state.type === "PAUSED" ? JSON.stringify(state.pause) : null;
}

export function errorOf(state: State): string | null {
  return "error" in state && state.error !== undefined ? JSON.stringify(state.error) : null;
}

export function runOfRow(row: RunTable): Run {
  return {
    id: row.id as RunId,
    no: row.no,
    name: row.name,
    flow: row.flow as FlowName,
    rev: row.rev,
    state: stateOfRow(row),
    attempt: row.attempt,
    failures: row.failures,
    crashes: row.crashes,
    parameters: row.parameters as JsonText,
    tags: JSON.parse(row.tags) as readonly string[],
    generation: row.generation,
    exclusive: row.exclusive === 1,
    priority: row.priority,
    createdAt: row.created_at as Instant,
    ...present("schedule", row.schedule_key as ScheduleKey | null),
    ...present("scheduledFor", row.scheduled_for as Instant | null),
    ...present("idempotencyKey", row.idempotency_key),
    ...present("parent", row.parent_id as RunId | null),
    ...present("backfill", row.backfill),
    ...present("startedAt", row.started_at as Instant | null),
    ...present("endedAt", row.ended_at as Instant | null),
    ...present("result", row.result as JsonText | null),
  };
}

export function taskRunOfRow(row: TaskRunTable): TaskRun {
  return {
    id: row.id as TaskRunId,
    task: row.task,
    call: row.call,
    rev: row.rev,
    state: stateOfRow(row),
    attempt: row.attempt,
    createdAt: row.created_at as Instant,
    ...present("parent", row.parent as TaskRunId | null),
    ...present("startedAt", row.started_at as Instant | null),
    ...present("endedAt", row.ended_at as Instant | null),
    ...present("result", row.result as JsonText | null),
  };
}

/** A field that exists only where the row has a value. */
export function present<Key extends string, Value>(
  key: Key,
  value: Value | null,
): { readonly [K in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}
