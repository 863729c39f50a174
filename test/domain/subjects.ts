import type { FlowName, RunId, SlotName } from "../../src/domain/ids.ts";
import { type Instant, instant, later } from "../../src/domain/instant.ts";
import { jsonText } from "../../src/domain/json.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Signal, SignalType } from "../../src/domain/signal.ts";
import type { State, StateName } from "../../src/domain/state.ts";

export const NOON: Instant = instant(Date.UTC(2026, 5, 1, 12));
const ERROR = { name: "Error", message: "no disk" };

/** One state of each name, entered at noon. */
export const STATES: { readonly [Name in StateName]: State } = {
  Scheduled: { type: "SCHEDULED", name: "Scheduled", message: "", at: NOON, dueAt: NOON },
  Late: { type: "SCHEDULED", name: "Late", message: "", at: NOON, dueAt: NOON },
  AwaitingRetry: { type: "SCHEDULED", name: "AwaitingRetry", message: "", at: NOON, dueAt: NOON },
  AwaitingConcurrencySlot: {
    type: "SCHEDULED",
    name: "AwaitingConcurrencySlot",
    message: "",
    at: NOON,
    dueAt: NOON,
  },
  Pending: { type: "PENDING", name: "Pending", message: "", at: NOON },
  Running: { type: "RUNNING", name: "Running", message: "", at: NOON },
  Retrying: { type: "RUNNING", name: "Retrying", message: "", at: NOON },
  Rerunning: { type: "RUNNING", name: "Rerunning", message: "", at: NOON },
  Completed: { type: "COMPLETED", name: "Completed", message: "", at: NOON },
  Cached: { type: "COMPLETED", name: "Cached", message: "", at: NOON },
  Failed: { type: "FAILED", name: "Failed", message: "no disk", at: NOON, error: ERROR },
  TimedOut: { type: "FAILED", name: "TimedOut", message: "after 5s", at: NOON, error: ERROR },
  Crashed: { type: "CRASHED", name: "Crashed", message: "exit 3", at: NOON },
  Cancelling: { type: "CANCELLING", name: "Cancelling", message: "", at: NOON },
  Cancelled: { type: "CANCELLED", name: "Cancelled", message: "", at: NOON },
  Paused: { type: "PAUSED", name: "Paused", message: "", at: NOON, pause: { call: 0 } },
};

/** One signal of each type. */
export const SIGNALS: { readonly [Type in SignalType]: Extract<Signal, { type: Type }> } = {
  submit: { type: "submit" },
  release: { type: "release", dueAt: NOON, isLate: false, message: "no room" },
  start: { type: "start" },
  succeed: { type: "succeed", result: jsonText({ rows: 7 }), message: "7 rows" },
  reuse: { type: "reuse", result: jsonText("kept") },
  fail: { type: "fail", error: ERROR, message: "no disk" },
  "time-out": { type: "time-out", error: ERROR, message: "after 5s" },
  crash: { type: "crash", message: "exit 3" },
  retry: { type: "retry", dueAt: later(NOON, 5_000), after: "failure", message: "in 5s" },
  again: { type: "again", message: "at once" },
  "be-late": { type: "be-late" },
  "await-slot": { type: "await-slot", slot: "tag:db" as SlotName, message: "limit db is reached" },
  pause: { type: "pause", pause: { call: 0 }, message: "waits for Ada" },
  resume: { type: "resume", dueAt: NOON },
  cancel: { type: "cancel", message: "by Ada" },
  cancelled: { type: "cancelled", message: "by Ada" },
  rerun: { type: "rerun", dueAt: NOON, message: "by Ada" },
};

/** A run that was just scheduled and has begun no attempt. */
export function aRun(changes: Partial<Run> = {}): Run {
  return {
    id: "019728d5-4a00-7000-8000-000000000001" as RunId,
    no: 1,
    name: "brave-otter",
    flow: "nightly-report" as FlowName,
    parameters: jsonText({}),
    tags: [],
    createdAt: NOON,
    generation: 1,
    priority: 0,
    exclusive: false,
    rev: 1,
    attempt: 0,
    failures: 0,
    crashes: 0,
    state: STATES.Scheduled,
    ...changes,
  };
}
