import { durationMs } from "../domain/duration.ts";
import type { Outcome } from "../domain/executor.ts";
import { instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { PauseOptions } from "../sdk/pause-options.ts";
import { RunPaused } from "../sdk/stops.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { issuesText } from "./schema-issues.ts";

type PausedOutcome = Extract<Outcome, { readonly type: "paused" }>;

/** The `pause` calls of one attempt. */
export interface RunPauses {
  pause(options: PauseOptions): Promise<unknown>;
  /** Set once the attempt is to end so: also when the body caught what `pause` threw. */
  outcome(): PausedOutcome | undefined;
}

/**
 * The k-th call is answered by what the run was given when it was resumed from it; the first that has no
 * answer ends the attempt, and so does an answer that its schema refuses.
 */
export function runPauses(resumed: readonly Json[], stop: AbortController): RunPauses {
  let calls = 0;
  let outcome: PausedOutcome | undefined;
  const end = (call: number, options: PauseOptions, refused?: string): never => {
    outcome ??= pausedOutcome(call, options, refused);
    const reason = new RunPaused(`the run pauses: ${outcome.message}`);
    // What else the body has under way is to stop too.
    stop.abort(reason);
    throw reason;
  };
  return {
    outcome: () => outcome,
    async pause(options) {
      const call = calls;
      calls += 1;
      const given = resumed[call];
      if (outcome !== undefined || given === undefined) return end(call, options);
      const { schema } = options;
      if (schema === undefined) return given;
      const checked = await schema["~standard"].validate(given);
      if (checked.issues === undefined) return checked.value;
      return end(call, options, issuesText(checked.issues, "input"));
    },
  };
}

function pausedOutcome(
  call: number,
  { message = "waits to be resumed", timeout, schema }: PauseOptions,
  refused: string | undefined,
): PausedOutcome {
  const said = refused === undefined ? message : `${message} (refused what was given: ${refused})`;
  const ms = durationMs(timeout);
  if (timeout !== undefined && ms === undefined) {
    throw new Error(`Cannot pause: timeout is ${String(timeout)}, expected a duration like "30m"`);
  }
  const asked = schema === undefined ? undefined : jsonSchemaOf(schema);
  return {
    type: "paused",
    message: said,
    call,
    ...(ms === undefined ? {} : { until: instant(Date.now() + ms) }),
    ...(asked === undefined ? {} : { schema: asked }),
  };
}
