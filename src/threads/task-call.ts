import { advance } from "../domain/advance.ts";
import { errorInfo } from "../domain/failure.ts";
import { type TaskRunId, uuidv7 } from "../domain/ids.ts";
import { instant } from "../domain/instant.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";
import type { Scope } from "../sdk/scope.ts";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import type { FindKept } from "./kept-results.ts";
import { failureMessage } from "./root-cause.ts";
import type { TaskKeys } from "./task-keys.ts";

/** What tasks need of the attempt that they are called in. */
export interface TaskSurroundings {
  readonly scope: Scope;
  readonly resultBytesMax: number;
  readonly kept: FindKept;
  /** Resolves once everything reported so far is committed. */
  saved(): Promise<unknown>;
  report(transition: Transition<TaskRun>): void;
  writeAs(taskRun: TaskRunId): Scope["write"];
  /** Remembers which task threw, for the message of the run. */
  blame(thrown: unknown, task: string): void;
  taskOf(thrown: unknown): string | undefined;
}

/** One call of a task on its way through its states. */
export interface TaskCall {
  readonly task: TaskDefinition;
  readonly args: readonly unknown[];
  readonly around: TaskSurroundings;
  readonly taskRun: TaskRun;
  readonly keys: TaskKeys;
}

/** Thrown into a call whose time is over. */
export class TaskTimeout extends Error {
  constructor(task: string, timeoutMs: number) {
    super(`Cannot finish task "${task}": its timeout of ${timeoutMs} ms is over`);
    this.name = "TaskTimeout";
  }
}

/** A new task run, before anything is known of how it goes; `parent` is the one whose code makes the call. */
export function createdTaskRun(task: string, call: number, parent: TaskRunId | undefined): TaskRun {
  const at = instant(Date.now());
  const id = uuidv7(at) as TaskRunId;
  const state = { type: "PENDING", name: "Pending", message: "", at } as const;
  const within = parent === undefined ? {} : { parent };
  return { id, task, call, ...within, createdAt: at, rev: 1, attempt: 0, state };
}

/** Lets the task run take a step, and reports it; `stored` says under which keys its result is found again. */
export function step(
  call: TaskCall,
  signal: Signal,
  stored: Pick<TaskRun, "keep" | "cache"> = {},
): TaskCall {
  const { before, after } = advance(call.taskRun, signal, instant(Date.now()));
  const taskRun = { ...after, ...stored };
  call.around.report({ before, after: taskRun });
  return { ...call, taskRun };
}

/** Ends a task run that has no further attempt, and answers what to throw. */
export function end(call: TaskCall, thrown: unknown): unknown {
  const { signal } = call.around.scope;
  const message = failureMessage(thrown, () => undefined);
  if (signal.aborted) {
    const reason = errorInfo(signal.reason).message;
    const cancelling = step(call, { type: "cancel", message: reason });
    step(cancelling, { type: "cancelled", message: reason });
    return thrown;
  }
  const type = thrown instanceof TaskTimeout ? "time-out" : "fail";
  step(call, { type, error: errorInfo(thrown), message });
  call.around.blame(thrown, call.task.name);
  return thrown;
}
