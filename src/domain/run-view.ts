import type { ErrorInfo } from "./failure.ts";
import { type Instant, isoOf } from "./instant.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Advancing, Run, TaskRun } from "./run.ts";
import { isTerminal, type PauseRequest, type State } from "./state.ts";

/** A state as the API, the hooks and the command line show it. Times are ISO 8601 in UTC. */
export interface StateView {
  readonly type: State["type"];
  readonly name: State["name"];
  readonly message: string;
  readonly at: string;
  readonly error?: ErrorInfo;
  /** Only while SCHEDULED: not to be started before. */
  readonly dueAt?: string;
  /** Only while PAUSED: until when somebody may resume it, and what input is asked for (JSON Schema). */
  readonly until?: string;
  readonly schema?: JsonObject;
}

/** A run as the API, the hooks and the command line show it. */
export interface RunView {
  readonly id: string;
  readonly name: string;
  readonly flow: string;
  readonly state: StateView;
  readonly attempt: number;
  readonly parameters: Json;
  readonly tags: readonly string[];
  readonly schedule?: string;
  readonly scheduledFor?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly parent?: string;
  /** The backfill that made it, by id. */
  readonly backfill?: string;
  readonly priority: number;
  readonly generation: number;
  readonly result?: Json;
}

/** A task run as the API, the hooks and the command line show it. */
export interface TaskRunView {
  readonly id: string;
  readonly task: string;
  readonly call: number;
  /** The task run that this call was made in; absent where the flow itself made it. */
  readonly parent?: string;
  readonly state: StateView;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly result?: Json;
}

export function stateView(state: State): StateView {
  const error = "error" in state ? state.error : undefined;
  return {
    type: state.type,
    name: state.name,
    message: state.message,
    at: isoOf(state.at),
    ...(error === undefined ? {} : { error }),
    ...(state.type === "SCHEDULED" ? { dueAt: isoOf(state.dueAt) } : {}),
    ...(state.type === "PAUSED" ? askedOf(state.pause) : {}),
  };
}

function askedOf({ until, schema }: PauseRequest): Pick<StateView, "until" | "schema"> {
  return {
    ...(until === undefined ? {} : { until: isoOf(until) }),
    ...(schema === undefined ? {} : { schema }),
  };
}

export function runView(run: Run): RunView {
  return {
    id: run.id,
    name: run.name,
    flow: run.flow,
    state: stateView(run.state),
    attempt: run.attempt,
    parameters: JSON.parse(run.parameters) as Json,
    tags: run.tags,
    ...(run.schedule === undefined ? {} : { schedule: run.schedule }),
    ...(run.scheduledFor === undefined ? {} : { scheduledFor: isoOf(run.scheduledFor) }),
    createdAt: isoOf(run.createdAt),
    ...times(run),
    ...(run.parent === undefined ? {} : { parent: run.parent }),
    ...(run.backfill === undefined ? {} : { backfill: run.backfill }),
    priority: run.priority,
    generation: run.generation,
  };
}

export function taskRunView(taskRun: TaskRun): TaskRunView {
  return {
    id: taskRun.id,
    task: taskRun.task,
    call: taskRun.call,
    ...(taskRun.parent === undefined ? {} : { parent: taskRun.parent }),
    state: stateView(taskRun.state),
    attempt: taskRun.attempt,
    createdAt: isoOf(taskRun.createdAt),
    ...times(taskRun),
  };
}

function times(subject: Run | TaskRun): object {
  const iso = (at: Instant | undefined, key: string) =>
    at === undefined ? {} : { [key]: isoOf(at) };
  return {
    ...iso(subject.startedAt, "startedAt"),
    ...iso(endOf(subject), "endedAt"),
    ...(subject.result === undefined ? {} : { result: JSON.parse(subject.result) as Json }),
  };
}

/** When it ended. Of what is open again that is no answer: it knows of its earlier end, but has none now. */
export function endOf({
  state,
  endedAt,
}: Pick<Advancing, "state" | "endedAt">): Instant | undefined {
  return isTerminal(state.type) ? endedAt : undefined;
}
