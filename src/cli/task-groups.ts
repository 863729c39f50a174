import type { TaskRunView } from "../domain/run-view.ts";
import { isTerminal, type StateType } from "../domain/state.ts";

/** How a task, or all calls of one, stand: what a mark is shown for. */
export type Standing = "waiting" | "running" | "done" | "failed" | "cancelled";

/** A call of a task, or a child run. */
export type Call = Pick<TaskRunView, "attempt" | "state" | "startedAt" | "endedAt">;

/** All calls of one task, or all child runs of one flow. */
export interface Group<One extends Call = Call> {
  readonly name: string;
  readonly calls: readonly One[];
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

/** The calls that tasks made of tasks, and those that the flow itself made. */
export interface Calls {
  readonly ofFlow: readonly TaskRunView[];
  /** What the code of this call called in its turn. */
  within(call: TaskRunView): readonly TaskRunView[];
}

/** Sorts a run's task runs by who called; of a call in several attempts of the run the last counts. */
export function callsOf(tasks: readonly TaskRunView[]): Calls {
  // Whoever called in an attempt before may have been called again since, under another id.
  const keys = new Map(tasks.map((one) => [one.id, keyOf(one)]));
  const newest = new Map(tasks.map((one) => [keyOf(one), one]));
  const byCaller = Map.groupBy(newest.values(), ({ parent }) => keys.get(parent ?? "") ?? "");
  return {
    ofFlow: byCaller.get("") ?? [],
    within: (call) => byCaller.get(keyOf(call)) ?? [],
  };
}

/** Calls by the name of their task, in the order of the first ones. */
export function groupsOf(calls: readonly TaskRunView[]): readonly Group<TaskRunView>[] {
  const byTask = Map.groupBy(calls, ({ task }) => task);
  return [...byTask].map(([task, all]) => groupOf(task, all));
}

/** Several calls as one. */
export function groupOf<One extends Call>(name: string, calls: readonly One[]): Group<One> {
  const count = (test: (call: Call) => boolean) => calls.filter(test).length;
  const done = count(({ state }) => isTerminal(state.type));
  const started = calls.flatMap(({ startedAt }) => startedAt ?? []).toSorted();
  const ended = calls.flatMap(({ endedAt }) => endedAt ?? []).toSorted();
  return {
    name,
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

/** Which call of an attempt it is. */
function keyOf({ task, call }: TaskRunView): string {
  return `${call} ${task}`;
}

function standingOfAll(calls: readonly Call[], done: number): Standing {
  const all = new Set(calls.map(({ state }) => standingOf(state.type)));
  if (all.has("running")) return "running";
  if (all.has("waiting")) return done > 0 ? "running" : "waiting";
  if (all.has("failed")) return "failed";
  return all.has("cancelled") ? "cancelled" : "done";
}
