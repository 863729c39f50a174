import type { Outcome } from "../domain/executor.ts";
import type { FlowSpec } from "../domain/flow.ts";
import { type Instant, later } from "../domain/instant.ts";
import { retryDelayMs } from "../domain/retry.ts";
import type { Run } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";
import type { ScheduledState } from "../domain/state.ts";

// In: how an attempt ended. Out: the signal that `advance` is given.

export interface SettleContext {
  readonly flow: FlowSpec | undefined;
  readonly now: Instant;
  /** From 0 to 1, for the jitter of retries. */
  readonly chance: number;
}

/**
 * What the end of an attempt means for its run. `flow` is the newest config's: a fix of its retries
 * reaches runs that were started before it. Undefined when the flow is gone: then nothing is tried again.
 */
export function signalOf(run: Run, outcome: Outcome, { flow, now, chance }: SettleContext): Signal {
  if (run.state.type === "CANCELLING") return { type: "cancelled", message: run.state.message };
  switch (outcome.type) {
    case "completed":
      return success(outcome);
    case "failed":
    case "timed-out":
      return retryOrFail(run, outcome, { flow, now, chance });
    case "crashed":
      return run.crashes < (flow?.retryCrashed ?? 0)
        ? retry(outcome.message, now, "crash")
        : crash(outcome);
    case "paused":
      return pauseSignal(outcome);
    case "cancelled":
      // Nobody asked the ledger for it, so the run is not Cancelling: its body was stopped all the same.
      return { type: "crash", message: outcome.message };
  }
}

function pauseSignal({
  message,
  call,
  until,
  schema,
}: Extract<Outcome, { type: "paused" }>): Signal {
  const pause = {
    call,
    ...(until === undefined ? {} : { until }),
    ...(schema === undefined ? {} : { schema }),
  };
  return { type: "pause", message, pause };
}

/** Takes a run that was claimed, and has not begun, back to how it waited. */
export function releaseTo({ dueAt, name }: ScheduledState): Signal {
  const message = "there was no room for it yet";
  return { type: "release", dueAt, isLate: name === "Late", message };
}

function success({ result, note }: Extract<Outcome, { type: "completed" }>): Signal {
  return {
    type: "succeed",
    ...(result === undefined ? {} : { result }),
    ...(note === undefined ? {} : { message: note }),
  };
}

type Failure = Extract<Outcome, { type: "failed" | "timed-out" }>;

function retryOrFail(run: Run, outcome: Failure, { flow, now, chance }: SettleContext): Signal {
  const isFinal = outcome.type === "failed" && outcome.final === true;
  const delay =
    isFinal || flow === undefined ? undefined : retryDelayMs(flow.retry, run.failures + 1, chance);
  return delay === undefined
    ? failure(outcome)
    : retry(outcome.message, later(now, delay), "failure");
}

function failure(outcome: Failure): Signal {
  const { message } = outcome;
  return outcome.type === "failed"
    ? { type: "fail", error: outcome.error, message }
    : { type: "time-out", error: { name: "TimedOut", message }, message };
}

function crash({ message, error }: Extract<Outcome, { type: "crashed" }>): Signal {
  return { type: "crash", message, ...(error === undefined ? {} : { error }) };
}

function retry(message: string, dueAt: Instant, after: "failure" | "crash"): Signal {
  return { type: "retry", dueAt, after, message };
}
