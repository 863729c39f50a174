import { advance } from "../domain/advance.ts";
import { durationMs } from "../domain/duration.ts";
import { errorInfo } from "../domain/failure.ts";
import type { RetryPolicy } from "../domain/flow.ts";
import { type TaskRunId, uuidv7 } from "../domain/ids.ts";
import { type Instant, instant, later } from "../domain/instant.ts";
import { retryDelayMs } from "../domain/retry.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";
import { startLongTimer } from "../sdk/long-timer.ts";
import { type Scope, withinScope } from "../sdk/scope.ts";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import { readRetryDelay } from "./retry-option.ts";
import { failureMessage } from "./root-cause.ts";

/** What tasks need of the attempt that they are called in. */
export interface TaskSurroundings {
  readonly scope: Scope;
  report(transition: Transition<TaskRun>): void;
  writeAs(taskRun: TaskRunId): Scope["write"];
  /** Remembers which task threw, for the message of the run. */
  blame(thrown: unknown, task: string): void;
  taskOf(thrown: unknown): string | undefined;
}

/** One call of a task on its way through its states. */
interface TaskCall {
  readonly task: TaskDefinition;
  readonly args: readonly unknown[];
  readonly around: TaskSurroundings;
  readonly taskRun: TaskRun;
}

class TaskTimeout extends Error {
  constructor(task: string, timeoutMs: number) {
    super(`Cannot finish task "${task}": its timeout of ${timeoutMs} ms is over`);
    this.name = "TaskTimeout";
  }
}

/** Makes the function that performs tasks as task runs: states, retries, timeout, log lines. */
export function taskCaller(around: TaskSurroundings): NonNullable<Scope["callTask"]> {
  const calls = new Map<string, number>();
  return (task, args) => {
    const call = calls.get(task.name) ?? 0;
    calls.set(task.name, call + 1);
    return performTask({ task, args, around, taskRun: created(task.name, call) });
  };
}

function created(task: string, call: number): TaskRun {
  const at = now();
  const id = uuidv7(at) as TaskRunId;
  const state = { type: "PENDING", name: "Pending", message: "", at } as const;
  return { id, task, call, createdAt: at, rev: 1, attempt: 0, state };
}

async function performTask(called: TaskCall): Promise<unknown> {
  called.around.report({ before: undefined, after: called.taskRun });
  const policy = policyOf(called.task);
  let call = step(called, { type: "start" });
  for (let failures = 1; ; failures += 1) {
    try {
      const result = await attempt(call);
      step(call, { type: "succeed" });
      return result;
    } catch (thrown) {
      const { signal } = call.around.scope;
      const waitMs = signal.aborted ? undefined : retryDelayMs(policy, failures, Math.random());
      if (waitMs === undefined) throw end(call, thrown);
      call = await again(call, thrown, waitMs);
    }
  }
}

function step(call: TaskCall, signal: Signal): TaskCall {
  const transition = advance(call.taskRun, signal, now());
  call.around.report(transition);
  return { ...call, taskRun: transition.after };
}

/** Ends a task run that has no further attempt, and answers what to throw. */
function end(call: TaskCall, thrown: unknown): unknown {
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

async function again(call: TaskCall, thrown: unknown, waitMs: number): Promise<TaskCall> {
  const message = failureMessage(thrown, () => undefined);
  if (waitMs <= 0) return step(call, { type: "again", message });
  const dueAt = later(now(), waitMs);
  const waiting = step(call, { type: "retry", dueAt, after: "failure", message });
  if (!(await slept(waitMs, call.around.scope.signal))) {
    step(waiting, { type: "cancel", message: errorInfo(call.around.scope.signal.reason).message });
    throw call.around.scope.signal.reason;
  }
  return step(waiting, { type: "again", message });
}

/** Waits; answers false when the signal aborts before the time is over. */
function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = () => {
      timer.clear();
      resolve(false);
    };
    const timer = startLongTimer(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}

async function attempt(call: TaskCall): Promise<unknown> {
  const { task, args, around } = call;
  const timeoutMs = durationMs(task.options.timeout);
  if (timeoutMs === undefined) {
    return await withinScope(taskScope(call, around.scope.signal), () => task.options.run(...args));
  }
  const timeout = new AbortController();
  const signal = AbortSignal.any([around.scope.signal, timeout.signal]);
  const over = new Promise<never>((_, reject) => {
    timeout.signal.addEventListener("abort", () => reject(timeout.signal.reason), { once: true });
  });
  const timer = startLongTimer(timeoutMs, () =>
    timeout.abort(new TaskTimeout(task.name, timeoutMs)),
  );
  try {
    const body = withinScope(taskScope(call, signal), async () => task.options.run(...args));
    return await Promise.race([body, over]);
  } finally {
    timer.clear();
  }
}

function taskScope({ task, taskRun, around }: TaskCall, signal: AbortSignal): Scope {
  const { id, call, attempt } = taskRun;
  return {
    ...around.scope,
    signal,
    taskRun: { id, task: task.name, call, attempt },
    write: around.writeAs(id),
  };
}

function policyOf({ options }: TaskDefinition): RetryPolicy {
  const delay = readRetryDelay(options.retryDelay) ?? { kind: "list", ms: [0] };
  return { retries: options.retries ?? 0, delay };
}

function now(): Instant {
  return instant(Date.now());
}
