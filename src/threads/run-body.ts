import type { Outcome } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import { blocks } from "../sdk/blocks.ts";
import type { Flow } from "../sdk/flow.ts";
import { log } from "../sdk/log.ts";
import type { Scope } from "../sdk/scope.ts";
import type { StandardIssue } from "../sdk/standard-schema.ts";
import { RunCrash } from "../sdk/stops.ts";
import { keepResult } from "./result-json.ts";
import { failureMessage } from "./root-cause.ts";

/** Everything that one attempt of a run needs inside its thread. */
export interface Attempt {
  readonly flow: Flow;
  readonly scope: Scope;
  readonly resultBytesMax: number;
  taskOf(thrown: unknown): string | undefined;
}

/** Performs the body of a flow once, and says how it ended. Never rejects. */
export async function runBody(attempt: Attempt): Promise<Outcome> {
  const { flow, scope } = attempt;
  try {
    const checked = await checkParameters(flow, scope.flowRun.parameters);
    if (checked.type === "failed") return checked;
    const context = { run: scope.flowRun, log, signal: scope.signal, blocks };
    const result = await flow.options.run(checked.parameters, context);
    return { type: "completed", ...keepResult(result, attempt.resultBytesMax) };
  } catch (thrown) {
    return await failedOutcome(thrown, attempt);
  }
}

type Failed = Extract<Outcome, { readonly type: "failed" }>;
type Checked = { readonly type: "fine"; readonly parameters: unknown } | Failed;

async function checkParameters({ name, options }: Flow, given: Json): Promise<Checked> {
  const schema = options.parameters;
  if (schema === undefined) return { type: "fine", parameters: given };
  const answer = schema["~standard"].validate(given);
  const checked = answer instanceof Promise ? await answer : answer;
  if (checked.issues === undefined) return { type: "fine", parameters: checked.value };
  const message = `Cannot start flow "${name}": ${checked.issues.map(issueText).join("; ")}`;
  return { type: "failed", final: true, message, error: { name: "InvalidParameters", message } };
}

function issueText({ message, path }: StandardIssue): string {
  const keys = (path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return keys.length === 0
    ? `parameters: ${message}`
    : `parameter "${keys.map(String).join(".")}": ${message}`;
}

async function failedOutcome(thrown: unknown, attempt: Attempt): Promise<Outcome> {
  const error = errorInfo(thrown);
  const message = failureMessage(thrown, attempt.taskOf);
  if (thrown instanceof RunCrash) return { type: "crashed", message, error };
  const final = await isFinal(thrown, attempt);
  return { type: "failed", error, message, ...(final ? { final } : {}) };
}

async function isFinal(thrown: unknown, { flow, scope }: Attempt): Promise<boolean> {
  const { retryOn } = flow.options;
  if (retryOn === undefined) return false;
  try {
    return (await retryOn(thrown, scope.flowRun.attempt)) === false;
  } catch (cause) {
    scope.write("warn", `retryOn threw, so the run is retried: ${errorInfo(cause).message}`);
    return false;
  }
}
