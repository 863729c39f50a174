import type { ErrorInfo } from "./failure.ts";
import type { SlotName } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { Advancing, Transition } from "./run.ts";
import type { Signal, SignalType } from "./signal.ts";
import type { RunningState, ScheduledState, State } from "./state.ts";

/** Thrown for a signal that does not fit the state: a bug in the caller, never an expected outcome. */
export class IllegalTransition extends Error {
  constructor(from: State, signal: SignalType) {
    super(`Cannot ${signal} a run in state "${from.name}" (${from.type})`);
    this.name = "IllegalTransition";
  }
}

/** Answers the step that `signal` makes `subject` take. The arrows are drawn in docs/state-machine.md. */
export function advance<Subject extends Advancing>(
  subject: Subject,
  signal: Signal,
  now: Instant,
): Transition<Subject> {
  const next = nextState(subject, signal, now);
  if (next === undefined) throw new IllegalTransition(subject.state, signal.type);
  const after = { ...subject, ...countsAfter(subject, signal), state: next, rev: subject.rev + 1 };
  return {
    before: subject,
    after: { ...after, ...timesAfter(subject, next, now), ...resultOf(signal) },
  };
}

/** Whether `advance` accepts the signal in this state. */
export function fits(subject: Advancing, signal: Signal, now: Instant): boolean {
  return nextState(subject, signal, now) !== undefined;
}

function nextState(subject: Advancing, signal: Signal, now: Instant): State | undefined {
  const { state } = subject;
  switch (state.type) {
    case "SCHEDULED":
      return afterScheduled(subject, signal, now);
    case "PENDING":
      return afterPending(subject, signal, now);
    case "RUNNING":
      return afterRunning(signal, now);
    case "CANCELLING":
      return afterCancelling(signal, now);
    case "PAUSED":
      return afterPaused(signal, now);
    case "COMPLETED":
    case "FAILED":
    case "CRASHED":
    case "CANCELLED":
      return signal.type === "rerun" ? scheduled(signal, now) : undefined;
  }
}

function afterScheduled(subject: Advancing, signal: Signal, now: Instant): State | undefined {
  const { state } = subject;
  if (state.type !== "SCHEDULED") return undefined;
  switch (signal.type) {
    case "submit":
      return { type: "PENDING", name: "Pending", message: messageOnStart(state), at: now };
    case "again":
      return state.name === "AwaitingRetry" ? retrying(signal.message, now) : undefined;
    case "be-late":
      return state.name === "Scheduled" ? { ...state, name: "Late", at: now } : undefined;
    case "await-slot":
      return awaitingSlot(state, signal, now);
    case "cancel":
      return { type: "CANCELLED", name: "Cancelled", message: signal.message, at: now };
    case "crash":
      // A task run that waits for its retry inside an attempt dies with it; a run that waits has no attempt.
      return subject.attempt > 0 ? crashed(signal, now) : undefined;
    default:
      return undefined;
  }
}

/** Why it waited for a slot is said no more once it has one; what made it due stays. */
function messageOnStart({ name, message }: ScheduledState): string {
  return name === "AwaitingConcurrencySlot" ? "" : message;
}

function afterPending(subject: Advancing, signal: Signal, now: Instant): State | undefined {
  switch (signal.type) {
    case "start":
      return running(subject, now);
    case "reuse":
      return { type: "COMPLETED", name: "Cached", message: "", at: now };
    case "release":
      return scheduled(signal, now);
    case "pause":
    case "succeed":
      return undefined;
    default:
      return whileClaimed(signal, now);
  }
}

function afterRunning(signal: Signal, now: Instant): State | undefined {
  switch (signal.type) {
    case "succeed":
      return { type: "COMPLETED", name: "Completed", message: signal.message ?? "", at: now };
    case "again":
      return retrying(signal.message, now);
    case "pause":
      return {
        type: "PAUSED",
        name: "Paused",
        message: signal.message,
        at: now,
        pause: signal.pause,
      };
    default:
      return whileClaimed(signal, now);
  }
}

/** What can befall a run that an executor holds, whether its body has begun or not. */
function whileClaimed(signal: Signal, now: Instant): State | undefined {
  switch (signal.type) {
    case "fail":
      return {
        type: "FAILED",
        name: "Failed",
        message: signal.message,
        at: now,
        error: signal.error,
      };
    case "time-out":
      return {
        type: "FAILED",
        name: "TimedOut",
        message: signal.message,
        at: now,
        error: signal.error,
      };
    case "crash":
      return crashed(signal, now);
    case "retry":
      return awaitingRetry(signal, now);
    case "cancel":
      return { type: "CANCELLING", name: "Cancelling", message: signal.message, at: now };
    default:
      return undefined;
  }
}

function afterCancelling(signal: Signal, now: Instant): State | undefined {
  switch (signal.type) {
    case "cancelled":
      return { type: "CANCELLED", name: "Cancelled", message: signal.message, at: now };
    case "crash":
      return crashed(signal, now);
    default:
      return undefined;
  }
}

function afterPaused(signal: Signal, now: Instant): State | undefined {
  switch (signal.type) {
    case "resume":
      return scheduled({ dueAt: signal.dueAt, message: "resumed" }, now);
    case "cancel":
      return { type: "CANCELLED", name: "Cancelled", message: signal.message, at: now };
    case "fail":
    case "time-out":
      return whileClaimed(signal, now);
    default:
      return undefined;
  }
}

function running(subject: Advancing, now: Instant): RunningState {
  const name =
    subject.endedAt !== undefined ? "Rerunning" : subject.attempt > 0 ? "Retrying" : "Running";
  return { type: "RUNNING", name, message: "", at: now };
}

function retrying(message: string, now: Instant): State {
  return { type: "RUNNING", name: "Retrying", message, at: now };
}

function crashed({ error, message }: { error?: ErrorInfo; message: string }, now: Instant): State {
  return {
    type: "CRASHED",
    name: "Crashed",
    message,
    at: now,
    ...(error === undefined ? {} : { error }),
  };
}

function awaitingRetry(
  { dueAt, message }: { dueAt: Instant; message: string },
  now: Instant,
): State {
  return { type: "SCHEDULED", name: "AwaitingRetry", message, at: now, dueAt };
}

function awaitingSlot(
  { dueAt }: ScheduledState,
  { slot, message }: { slot: SlotName; message: string },
  now: Instant,
): State {
  return { type: "SCHEDULED", name: "AwaitingConcurrencySlot", message, at: now, dueAt, slot };
}

function scheduled(
  { dueAt, message, isLate }: { dueAt: Instant; message: string; isLate?: boolean },
  now: Instant,
): State {
  return { type: "SCHEDULED", name: isLate ? "Late" : "Scheduled", message, at: now, dueAt };
}

function countsAfter(subject: Advancing, signal: Signal): object {
  if (signal.type === "start" || signal.type === "again") return { attempt: subject.attempt + 1 };
  if (signal.type === "rerun") return { failures: 0, crashes: 0 };
  if (signal.type !== "retry" || !("failures" in subject && "crashes" in subject)) return {};
  return signal.after === "failure"
    ? { failures: Number(subject.failures) + 1 }
    : { crashes: Number(subject.crashes) + 1 };
}

function timesAfter(subject: Advancing, next: State, now: Instant): object {
  switch (next.type) {
    case "RUNNING":
      return { startedAt: subject.startedAt ?? now };
    case "COMPLETED":
    case "FAILED":
    case "CRASHED":
    case "CANCELLED":
      return { endedAt: now };
    case "SCHEDULED":
    case "PENDING":
    case "CANCELLING":
    case "PAUSED":
      return {};
  }
}

function resultOf(signal: Signal): object {
  return "result" in signal && signal.result !== undefined ? { result: signal.result } : {};
}
