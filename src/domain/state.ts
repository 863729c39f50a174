import type { ErrorInfo } from "./failure.ts";
import type { SlotName } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { JsonObject } from "./json.ts";

interface StateOf<Type extends string, Name extends string> {
  readonly type: Type;
  readonly name: Name;
  /** Why, for people: the root cause of a failure, the reason of a wait. May be empty. */
  readonly message: string;
  readonly at: Instant;
}

export interface ScheduledState
  extends StateOf<"SCHEDULED", "Scheduled" | "Late" | "AwaitingRetry" | "AwaitingConcurrencySlot"> {
  /** Not to be started before this instant. */
  readonly dueAt: Instant;
  /** Only while AwaitingConcurrencySlot: the limit that was full, such as `flow:report` or `tag:db`. */
  readonly slot?: SlotName;
}
export type PendingState = StateOf<"PENDING", "Pending">;
export type RunningState = StateOf<"RUNNING", "Running" | "Retrying" | "Rerunning">;
export type CompletedState = StateOf<"COMPLETED", "Completed" | "Cached">;
export interface FailedState extends StateOf<"FAILED", "Failed" | "TimedOut"> {
  readonly error: ErrorInfo;
}
export interface CrashedState extends StateOf<"CRASHED", "Crashed"> {
  readonly error?: ErrorInfo;
}
export type CancellingState = StateOf<"CANCELLING", "Cancelling">;
export type CancelledState = StateOf<"CANCELLED", "Cancelled">;
export interface PausedState extends StateOf<"PAUSED", "Paused"> {
  readonly pause: PauseRequest;
}

/** What a paused run waits for. */
export interface PauseRequest {
  /** Which `pause` call of the body it is, from 0. */
  readonly call: number;
  /** The run fails if nobody resumes it before. */
  readonly until?: Instant;
  /** JSON Schema of the input that is asked for. */
  readonly schema?: JsonObject;
}

/** Where a run or task run stands. Logic looks at the type; the name is for people. Both are Prefect's. */
export type State =
  | ScheduledState
  | PendingState
  | RunningState
  | CompletedState
  | FailedState
  | CrashedState
  | CancellingState
  | CancelledState
  | PausedState;

export type StateType = State["type"];
export type StateName = State["name"];

export const STATE_NAMES: {
  readonly [Type in StateType]: readonly Extract<State, { type: Type }>["name"][];
} = {
  SCHEDULED: ["Scheduled", "Late", "AwaitingRetry", "AwaitingConcurrencySlot"],
  PENDING: ["Pending"],
  RUNNING: ["Running", "Retrying", "Rerunning"],
  COMPLETED: ["Completed", "Cached"],
  FAILED: ["Failed", "TimedOut"],
  CRASHED: ["Crashed"],
  CANCELLING: ["Cancelling"],
  CANCELLED: ["Cancelled"],
  PAUSED: ["Paused"],
};

export const STATE_TYPES = Object.keys(STATE_NAMES) as readonly StateType[];

/** Whether nothing but an explicit rerun can follow. */
export function isTerminal(type: StateType): boolean {
  return type === "COMPLETED" || type === "FAILED" || type === "CRASHED" || type === "CANCELLED";
}
