import { durationMs } from "../domain/duration.ts";
import { errorInfo } from "../domain/failure.ts";
import { instant, later } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import type { TaskRun } from "../domain/run.ts";
import type { CacheAnswer } from "../domain/thread-request.ts";
import { keepResult } from "./result-json.ts";
import { end, step, type TaskCall } from "./task-call.ts";

/** What an earlier call left behind for this one, which then is not executed. */
export async function storedAnswer(
  call: TaskCall,
): Promise<{ readonly value: unknown } | undefined> {
  const { around, keys, taskRun } = call;
  const { task, call: number } = taskRun;
  const kept = keys.keep && around.kept({ task, call: number, key: keys.keep });
  if (kept !== undefined && kept !== "") {
    step(call, { type: "reuse", result: kept });
    return { value: JSON.parse(kept) };
  }
  const cached = await loadCached(call);
  if (!cached.found) return undefined;
  const keep = keys.keep === undefined ? {} : { keep: keys.keep };
  step(call, { type: "reuse", result: jsonText(cached.result) }, keep);
  await untilKept(call);
  return { value: cached.result };
}

async function loadCached({ around, keys, task, taskRun }: TaskCall): Promise<CacheAnswer> {
  if (keys.cache === undefined) return { found: false };
  const request = { kind: "cache-load", task: task.name, key: keys.cache } as const;
  try {
    // The contract of the request says so, and both ends of the line are this program.
    return (await around.scope.request(request)) as unknown as CacheAnswer;
  } catch (thrown) {
    const why = errorInfo(thrown).message;
    around.writeAs(taskRun.id)(
      "warn",
      `Cannot look into the cache, so the task is executed: ${why}`,
    );
    return { found: false };
  }
}

/** Completes the call with its result. What others are answered is what this call answers: JSON. */
export async function storeResult(call: TaskCall, result: unknown): Promise<unknown> {
  const { around, keys, taskRun } = call;
  const { result: text, note = "" } = keepResult(
    result === undefined ? null : result,
    around.resultBytesMax,
  );
  if (text === undefined) {
    if (keys.keep !== undefined) throw end(call, new Error(note));
    around.writeAs(taskRun.id)("warn", note);
    step(call, { type: "succeed", message: note });
    return result;
  }
  step(call, { type: "succeed", result: text }, storedUnder(call));
  await untilKept(call);
  return JSON.parse(text);
}

function storedUnder({ keys, task }: TaskCall): Pick<TaskRun, "keep" | "cache"> {
  const expiresMs = durationMs(task.options.cache?.expires);
  const expires =
    expiresMs === undefined ? {} : { expiresAt: later(instant(Date.now()), expiresMs) };
  return {
    ...(keys.keep === undefined ? {} : { keep: keys.keep }),
    ...(keys.cache === undefined ? {} : { cache: { key: keys.cache, ...expires } }),
  };
}

/** Until the result of a task with `persist` is committed: from then on no crash repeats the call. */
async function untilKept({ around, keys }: TaskCall): Promise<void> {
  if (keys.keep !== undefined) await around.saved();
}
