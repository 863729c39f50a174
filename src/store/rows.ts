import type { ErrorInfo } from "../domain/failure.ts";
import type { FlowName, RunId, ScheduleKey, SlotName, TaskRunId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { JsonText } from "../domain/json.ts";
import type { Run, TaskRun } from "../domain/run.ts";
import type { PauseRequest, State } from "../domain/state.ts";
import type { RunTable, StateColumns, TaskRunTable } from "./tables.ts";

/** A state's own columns, and those that only a run's row has. */
type StateRow = StateColumns & { readonly slot?: string | null; readonly pause?: string | null };

/** While it is made: field by field, as a page has fifty of them, and each spread would copy what is there. */
type Open<Made> = { -readonly [Key in keyof Made]: Made[Key] };

interface StateFields {
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly at: number;
  readonly dueAt?: number;
  readonly slot?: string;
  readonly error?: ErrorInfo;
  readonly pause?: PauseRequest;
}

export function stateOfRow(row: StateRow): State {
  const { state_type: type, state_name: name, message, state_at: at } = row;
  const state: Open<StateFields> = { type, name, message, at };
  if (row.due_at !== null) state.dueAt = row.due_at;
  if (typeof row.slot === "string") state.slot = row.slot;
  if (row.error !== null) state.error = JSON.parse(row.error) as ErrorInfo;
  if (type === "PAUSED") state.pause = pauseOf(row.pause ?? null);
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
  const run: Open<Run> = {
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
    tags: row.tags === "[]" ? [] : (JSON.parse(row.tags) as readonly string[]),
    generation: row.generation,
    exclusive: row.exclusive === 1,
    priority: row.priority,
    createdAt: row.created_at as Instant,
  };
  if (row.schedule_key !== null) run.schedule = row.schedule_key as ScheduleKey;
  if (row.scheduled_for !== null) run.scheduledFor = row.scheduled_for as Instant;
  if (row.idempotency_key !== null) run.idempotencyKey = row.idempotency_key;
  if (row.parent_id !== null) run.parent = row.parent_id as RunId;
  if (row.backfill !== null) run.backfill = row.backfill;
  if (row.started_at !== null) run.startedAt = row.started_at as Instant;
  if (row.ended_at !== null) run.endedAt = row.ended_at as Instant;
  if (row.result !== null) run.result = row.result as JsonText;
  return run;
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
