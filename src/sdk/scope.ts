import { AsyncLocalStorage } from "node:async_hooks";
import type { LogLevel } from "../domain/executor.ts";
import type { DeliveryId } from "../domain/ids.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
import type { FlowRun, TaskRunInfo } from "./flow-run.ts";
import type { Outside } from "./outside-notes.ts";
import type { PauseOptions } from "./pause-options.ts";
import type { TaskDefinition } from "./task-definition.ts";

/** Whose code it is: a run, by the number it was posted under to its thread, or a delivery. */
export type ScopeOwner = { readonly post: number } | { readonly deliveryId: DeliveryId };

/** What code that runs inside a run or a hook is surrounded by. The thread that runs the code makes it. */
export interface Scope {
  readonly owner: ScopeOwner;
  /** Absent in a hook that is told of a due time without a run. */
  readonly flowRun?: FlowRun;
  readonly taskRun?: TaskRunInfo;
  readonly signal: AbortSignal;
  /** Keeps text as log lines of the run, task run or delivery. */
  write(level: LogLevel, text: string): void;
  /** Asks the daemon's main thread; rejects when the answer is an error. */
  request(request: ThreadRequest): Promise<Json>;
  /** Performs a task as a tracked task run. Absent in hooks, where tasks are plain functions. */
  callTask?(task: TaskDefinition, args: readonly unknown[]): Promise<unknown>;
  /** Performs another flow as a child run and answers its result. Absent in hooks. */
  runChild?(flow: string, parameters: JsonObject): Promise<unknown>;
  /** Only in hooks: keeps what they do outside. */
  readonly outside?: Outside;
  /** Answers what the run was resumed with, or ends the attempt. Absent in hooks. */
  pause?(options: PauseOptions): Promise<unknown>;
}

/** The scope of an attempt of a run. */
export type RunScope = Scope & { readonly flowRun: FlowRun };

const scopes = new AsyncLocalStorage<Scope>();

/** The scope of the code that asks, undefined outside every run and hook. */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

/** Calls `body` so that everything it calls, and awaits, finds `scope`. */
export function withinScope<Answer>(scope: Scope, body: () => Answer): Answer {
  return scopes.run(scope, body);
}
