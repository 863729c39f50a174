import { durationMs } from "../domain/duration.ts";
import { startLongTimer } from "../sdk/long-timer.ts";
import { type Scope, withinScope } from "../sdk/scope.ts";
import { type TaskCall, TaskTimeout } from "./task-call.ts";

/** Executes the body of a task once, within its time. */
export async function attemptTask(call: TaskCall): Promise<unknown> {
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
