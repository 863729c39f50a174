import type { ErrorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import type { RunView } from "../domain/run-view.ts";
import type { Scope } from "../sdk/scope.ts";

interface ChildAnswer {
  readonly run: RunView;
  readonly result?: Json;
}

const HOW: Readonly<Record<string, string>> = {
  FAILED: "failed",
  CRASHED: "crashed",
  CANCELLED: "was cancelled",
};

/** Makes the function that performs flows as child runs of the run whose requests it sends. */
export function childRunner(request: Scope["request"]): NonNullable<Scope["runChild"]> {
  return async (flow, parameters) => {
    // Both ends of the line are this program.
    const answer = await request({ kind: "child-run", flow, parameters });
    const { run, result } = answer as unknown as ChildAnswer;
    const { type, message, error } = run.state;
    if (type === "COMPLETED") return result;
    const how = HOW[type] ?? `ended as ${run.state.name}`;
    const said = message === "" ? "" : `: ${message}`;
    const cause = error === undefined ? {} : { cause: errorOf(error) };
    throw new Error(`flow "${flow}" ${how}${said}`, cause);
  };
}

function errorOf({ name, message, stack, cause }: ErrorInfo): Error {
  const error = new Error(message, cause === undefined ? {} : { cause: errorOf(cause) });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
