import type { LogLine, Outcome } from "../domain/executor.ts";
import type { TaskRunId } from "../domain/ids.ts";
import type { Json } from "../domain/json.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import type { RunScope } from "../sdk/scope.ts";
import { childRunner } from "./child-run.ts";
import { keptResults } from "./kept-results.ts";
import { lineWriter } from "./line-writer.ts";
import type { MessageToThread } from "./messages-to-thread.ts";
import { runPauses } from "./run-pauses.ts";
import { taskCaller } from "./task-body.ts";
import type { ThreadPort } from "./thread-port.ts";

/** One attempt of a run inside its thread: what its code is surrounded by, and the handle that stops it. */
export interface AttemptScope {
  readonly post: number;
  readonly scope: RunScope;
  readonly control: AbortController;
  /** The task that threw this first, if one did. */
  taskOf(thrown: unknown): string | undefined;
  /** How the attempt ends because it has asked to pause. */
  paused(): Outcome | undefined;
}

interface AttemptTools {
  readonly port: ThreadPort;
  readonly data: { readonly logLinesMax: number; readonly resultBytesMax: number };
}

/** `tellStart` is called before the main thread hears of anything that the run does. */
export function attemptScope(
  { port, data }: AttemptTools,
  message: Extract<MessageToThread, { readonly type: "execute" }>,
  tellStart: () => void,
): AttemptScope {
  const { post } = message;
  const control = new AbortController();
  const owner = { post };
  const blamed = new Map<unknown, string>();
  const taskOf = (thrown: unknown) => blamed.get(thrown);
  const lines = lineWriter(
    data.logLinesMax,
    (line: LogLine) => void port.send({ type: "log", post, lines: [line] }),
  );
  const request: RunScope["request"] = (asked) => {
    tellStart();
    return port.request(owner, asked);
  };
  const pauses = runPauses(message.resumed, control);
  const scope: RunScope = {
    owner,
    // The parameters are JSON that the daemon checked when it took them.
    flowRun: { ...message.run, parameters: JSON.parse(message.parameters) as Json },
    signal: control.signal,
    write: (level, text) => lines.write(level, text),
    request,
    callTask: (task, args) => call(task, args),
    runChild: childRunner(request),
    pause: (options) => pauses.pause(options),
  };
  const call = taskCaller({
    scope,
    resultBytesMax: data.resultBytesMax,
    kept: keptResults(message.kept),
    saved: savedTogether(request),
    report(transition: Transition<TaskRun>) {
      tellStart();
      port.send({ type: "tasks", post, transitions: [transition] });
    },
    writeAs: (taskRun: TaskRunId) => (level, text) => lines.write(level, text, taskRun),
    blame: (thrown, task) => {
      if (!blamed.has(thrown)) blamed.set(thrown, task);
    },
    taskOf,
  });
  return { post, scope, control, taskOf, paused: pauses.outcome };
}

/** Asks once for all that wait in this turn of the loop until what they reported is saved. */
function savedTogether(request: RunScope["request"]): () => Promise<unknown> {
  let asked: Promise<unknown> | undefined;
  return () => {
    asked ??= new Promise((resolve) => void setImmediate(resolve)).then(() => {
      asked = undefined;
      return request({ kind: "reports-saved" });
    });
    return asked;
  };
}
