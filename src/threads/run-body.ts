import type { Outcome } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import { blocks } from "../sdk/blocks.ts";
import { client } from "../sdk/client.ts";
import type { Flow } from "../sdk/flow.ts";
import { log } from "../sdk/log.ts";
import type { RunScope } from "../sdk/scope.ts";
import { RunCrash } from "../sdk/stops.ts";
import { keepResult } from "./result-json.ts";
import { isFinal } from "./retry-on.ts";
import { failureMessage } from "./root-cause.ts";
import { issuesText } from "./schema-issues.ts";

/** Everything that one attempt of a run needs inside its thread. */
export interface Attempt {
  readonly flow: Flow;
  readonly scope: RunScope;
  readonly resultBytesMax: number;
  taskOf(thrown: unknown): string | undefined;
  /** How the attempt ends because it has asked to pause, whatever its body does afterwards. */
  paused(): Outcome | undefined;
}

type Failed = Extract<Outcome, { readonly type: "failed" }>;
type Checked = { readonly type: "fine"; readonly parameters: unknown } | Failed;

/** Checks parameters before the body begins: a run whose parameters do not fit has never been Running. */
export async function checkParameters({ name, options }: Flow, given: Json): Promise<Checked> {
  const schema = options.parameters;
  if (schema === undefined) return { type: "fine", parameters: given };
  try {
    const checked = await schema["~standard"].validate(given);
    if (checked.issues === undefined) return { type: "fine", parameters: checked.value };
    return misfit(`Cannot start flow "${name}": ${issuesText(checked.issues, "parameter")}`);
  } catch (thrown) {
    return misfit(`Cannot check the parameters of flow "${name}": ${errorInfo(thrown).message}`);
  }
}

/** Performs the body of a flow once, and says how it ended. Never rejects. */
export async function runBody(attempt: Attempt, parameters: unknown): Promise<Outcome> {
  const { flow, scope } = attempt;
  try {
    const context = { run: scope.flowRun, log, signal: scope.signal, blocks, client };
    const result = await flow.options.run(parameters, context);
    const paused = attempt.paused();
    if (paused !== undefined) return paused;
    return { type: "completed", ...keepResult(result, attempt.resultBytesMax) };
  } catch (thrown) {
    return await failedOutcome(thrown, attempt);
  }
}

function misfit(message: string): Failed {
  return { type: "failed", final: true, message, error: { name: "InvalidParameters", message } };
}

async function failedOutcome(thrown: unknown, attempt: Attempt): Promise<Outcome> {
  const paused = attempt.paused();
  if (paused !== undefined) return paused;
  const error = errorInfo(thrown);
  const message = failureMessage(thrown, attempt.taskOf);
  if (thrown instanceof RunCrash) return { type: "crashed", message, error };
  const { flow, scope } = attempt;
  const final = await isFinal(flow.options.retryOn, {
    what: "run",
    thrown,
    attempt: scope.flowRun.attempt,
    write: scope.write,
  });
  return { type: "failed", error, message, ...(final ? { final } : {}) };
}
