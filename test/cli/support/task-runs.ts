import type { StateView, TaskRunView } from "../../../src/domain/run-view.ts";

const START = Date.parse("2026-01-31T12:00:00Z");

/** Seconds after noon, as ISO 8601. */
export function at(seconds: number): string {
  return new Date(START + seconds * 1_000).toISOString();
}

export function aState(type: StateView["type"], changes: Partial<StateView> = {}): StateView {
  const names: Readonly<Record<StateView["type"], StateView["name"]>> = {
    SCHEDULED: "Scheduled",
    PENDING: "Pending",
    RUNNING: "Running",
    COMPLETED: "Completed",
    FAILED: "Failed",
    CRASHED: "Crashed",
    CANCELLING: "Cancelling",
    CANCELLED: "Cancelled",
    PAUSED: "Paused",
  };
  return { type, name: names[type], message: "", at: at(0), ...changes };
}

/** A task run that completed after 1.2 seconds, unless it is said to be otherwise. */
export function aTask(task: string, changes: Partial<TaskRunView> = {}): TaskRunView {
  const call = changes.call ?? 0;
  return {
    id: `${task}-${call}`,
    task,
    call,
    state: aState("COMPLETED"),
    attempt: 1,
    createdAt: at(0),
    startedAt: at(0),
    endedAt: at(1.2),
    ...changes,
  };
}

/** The same, still running. */
export function aRunningTask(task: string, changes: Partial<TaskRunView> = {}): TaskRunView {
  const { endedAt: _, ...rest } = aTask(task);
  return { ...rest, state: aState("RUNNING"), ...changes };
}
