import { errorInfo } from "../domain/failure.ts";
import type { RetryPolicy } from "../domain/flow.ts";
import type { TaskRunId } from "../domain/ids.ts";
import { instant, later } from "../domain/instant.ts";
import { retryDelayMs } from "../domain/retry.ts";
import { startLongTimer } from "../sdk/long-timer.ts";
import { currentScope, type Scope } from "../sdk/scope.ts";
import { RunPaused } from "../sdk/stops.ts";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import { isFinal } from "./retry-on.ts";
import { readRetryDelay } from "./retry-option.ts";
import { failureMessage } from "./root-cause.ts";
import { attemptTask } from "./task-attempt.ts";
import { createdTaskRun, end, step, type TaskCall, type TaskSurroundings } from "./task-call.ts";
import { isStored, keysOf } from "./task-keys.ts";
import { storedAnswer, storeResult } from "./task-results.ts";

/** Makes the function that performs tasks as task runs: states, retries, timeout, log lines. */
export function taskCaller(around: TaskSurroundings): NonNullable<Scope["callTask"]> {
  const calls = new Map<string, number>();
  return (task, args) => {
    const { aborted, reason } = around.scope.signal;
    if (aborted && reason instanceof RunPaused) return Promise.reject(reason);
    const call = calls.get(task.name) ?? 0;
    calls.set(task.name, call + 1);
    const taskRun = createdTaskRun(task.name, call, callingTaskRun());
    return performTask({ task, args, around, taskRun, keys: {} });
  };
}

/** The task run whose code calls, if a task's code does. */
function callingTaskRun(): TaskRunId | undefined {
  // User code sees the id as a text; it was made as this.
  return currentScope()?.taskRun?.id as TaskRunId | undefined;
}

async function performTask(called: TaskCall): Promise<unknown> {
  called.around.report({ before: undefined, after: called.taskRun });
  if (!isStored(called.task)) return await execute(called);
  const call = withKeys(called);
  const stored = await storedAnswer(call);
  return stored === undefined ? await execute(call) : stored.value;
}

async function execute(pending: TaskCall): Promise<unknown> {
  const { call, result } = await succeeded(pending);
  if (isStored(call.task)) return await storeResult(call, result);
  step(call, { type: "succeed" });
  return result;
}

/** Attempts the task until it answers; throws when no further attempt is due. */
async function succeeded(pending: TaskCall): Promise<{ call: TaskCall; result: unknown }> {
  const policy = policyOf(pending.task);
  let call = step(pending, { type: "start" });
  for (let failures = 1; ; failures += 1) {
    try {
      return { call, result: await attemptTask(call) };
    } catch (thrown) {
      const { signal } = call.around.scope;
      const waitMs = signal.aborted ? undefined : retryDelayMs(policy, failures, Math.random());
      if (waitMs === undefined || (await isFinalFor(call, thrown))) throw end(call, thrown);
      call = await again(call, thrown, waitMs);
    }
  }
}

function isFinalFor({ task, taskRun, around }: TaskCall, thrown: unknown): Promise<boolean> {
  const { id, attempt } = taskRun;
  const write = around.writeAs(id);
  return isFinal(task.options.retryOn, { what: "task", thrown, attempt, write });
}

function withKeys(call: TaskCall): TaskCall {
  try {
    return { ...call, keys: keysOf(call.task, call.args) };
  } catch (thrown) {
    throw end(call, thrown);
  }
}

async function again(call: TaskCall, thrown: unknown, waitMs: number): Promise<TaskCall> {
  const message = failureMessage(thrown, () => undefined);
  if (waitMs <= 0) return step(call, { type: "again", message });
  const dueAt = later(instant(Date.now()), waitMs);
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

function policyOf({ options }: TaskDefinition): RetryPolicy {
  const delay = readRetryDelay(options.retryDelay) ?? { kind: "list", ms: [0] };
  return { retries: options.retries ?? 0, delay };
}
