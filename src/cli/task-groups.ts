import type { TaskRunView } from "../domain/run-view.ts";
import { isTerminal, type StateType } from "../domain/state.ts";

/** How a task, or all calls of one, stand: what a mark is shown for. */
export type Standing = "waiting" | "running" | "done" | "failed" | "cancelled";

export type Call = Pick<TaskRunView, "attempt" | "state" | "startedAt" | "endedAt">;

/** All calls of one task in a run. */
export interface Group {
  readonly task: string;
  readonly calls: readonly Call[];
  readonly standing: Standing;
  /** Calls that are over, whatever came of them; and of those, calls that failed or were not executed. */
  readonly done: number;
  readonly failed: number;
  readonly cached: number;
  /** Calls that go on after an attempt of theirs that failed. */
  readonly retrying: number;
  readonly startedAt: string | undefined;
  /** Set when all calls are over. */
  readonly endedAt: string | undefined;
}

/** The tasks of a run by name, in the order of their first calls; of a call in several attempts the last counts. */
export function groupsOf(tasks: readonly TaskRunView[]): readonly Group[] {
  const byTask = new Map<string, Map<number, Call>>();
  for (const run of tasks) {
    const calls = byTask.get(run.task) ?? new Map<number, Call>();
    calls.set(run.call, run);
    byTask.set(run.task, calls);
  }
  return [...byTask].map(([task, calls]) => groupOf(task, [...calls.values()]));
}

/** What a state of a run or task run means for a mark. */
export function standingOf(type: StateType): Standing {
  switch (type) {
    case "SCHEDULED":
    case "PENDING":
    case "PAUSED":
      return "waiting";
    case "RUNNING":
    case "CANCELLING":
      return "running";
    case "COMPLETED":
      return "done";
    case "FAILED":
    case "CRASHED":
      return "failed";
    case "CANCELLED":
      return "cancelled";
  }
}

function groupOf(task: string, calls: readonly Call[]): Group {
  const count = (test: (call: Call) => boolean) => calls.filter(test).length;
  const done = count(({ state }) => isTerminal(state.type));
  const started = calls.flatMap(({ startedAt }) => startedAt ?? []).toSorted();
  const ended = calls.flatMap(({ endedAt }) => endedAt ?? []).toSorted();
  return {
    task,
    calls,
    standing: standingOfAll(calls, done),
    done,
    failed: count(({ state }) => standingOf(state.type) === "failed"),
    cached: count(({ state }) => state.name === "Cached"),
    retrying: count(({ state, attempt }) => !isTerminal(state.type) && attempt > 1),
    startedAt: started[0],
    endedAt: done === calls.length ? ended.at(-1) : undefined,
  };
}

function standingOfAll(calls: readonly Call[], done: number): Standing {
  const all = new Set(calls.map(({ state }) => standingOf(state.type)));
  if (all.has("running")) return "running";
  if (all.has("waiting")) return done > 0 ? "running" : "waiting";
  if (all.has("failed")) return "failed";
  return all.has("cancelled") ? "cancelled" : "done";
}
