import type { HookBook, Ring, Turn } from "../domain/hook-matching.ts";
import type { Run, TaskRun, Transition } from "../domain/run.ts";
import type { Connection } from "./connection.ts";
import type { DeliveryRows, NewDelivery } from "./delivery-rows.ts";
import type { FlowOutcomes } from "./flow-outcomes.ts";
import { rowWriter } from "./insert-rows.ts";
import type { Numbers } from "./numbers.ts";
import { dueAtOf, errorOf } from "./rows.ts";
import { insertRuns, moveRuns } from "./run-rows.ts";
import type { AfterCommit } from "./shelves.ts";
import type { Tally } from "./tally.ts";
import { upsertTaskRuns } from "./task-rows.ts";
import type { StoreWatcher } from "./watchers.ts";

export type Saved = "saved" | "stale";

/** A step of a run to save, and whom to tell. */
export interface RunStep {
  readonly transition: Transition<Run>;
  /** Written in the same transaction, if the step is saved. */
  readonly also?: (connection: Connection) => void;
  readonly settle: (saved: Saved) => void;
}

/** A step of a task run, as its thread reported it. */
export interface TaskStep {
  readonly run: Run;
  readonly taskTransition: Transition<TaskRun>;
  readonly settle: (saved: Saved) => void;
}

export type Step = RunStep | TaskStep;

export interface StepTools {
  readonly numbers: Numbers;
  /** The hooks of the newest config. */
  readonly hooks: () => HookBook;
  readonly deliveries: DeliveryRows;
  readonly outcomes: FlowOutcomes;
  readonly tally: Tally;
  /** Told of each run whose step has been committed. */
  readonly onMoved: (run: Run) => void;
  readonly watchers: Required<Pick<StoreWatcher, "runMoved" | "taskMoved" | "deliveryMoved">>;
}

/**
 * Saves steps in the order in which they were asked for, each with its transition and the deliveries it
 * rings, inside the caller's transaction. The one place that changes a run's state.
 *
 * A step that no longer fits is "stale": the due time has its run already, or the run has moved on since
 * it was read. A cancel and a finish may arrive together, and only the first may count.
 */
export function saveSteps(
  connection: Connection,
  steps: readonly Step[],
  tools: StepTools,
): AfterCommit {
  const { numbers, hooks, deliveries, outcomes } = tools;
  const ofRuns = steps.filter((step) => "transition" in step);
  const born = insertRuns(connection, ofRuns);
  const moved = moveRuns(connection, ofRuns, born);
  const taskNos = upsertTaskRuns(
    connection,
    steps.filter((step) => "taskTransition" in step),
    numbers,
  );
  const isSaved = (step: Step) => "taskTransition" in step || born.has(step) || moved.has(step);

  const book = hooks();
  const judge = outcomes.judge();
  const rung: NewDelivery[] = [];
  const rows = steps.filter(isSaved).map((step) => {
    const seq = numbers.take("transition");
    const { run, subject } = subjectOf(step);
    const { state, attempt } = subject;
    const turn = "transition" in step ? judge.note(run) : undefined;
    const about = { seq, runNo: run.no };
    for (const ring of ringsOf(book, step, turn)) rung.push({ ring, about, at: state.at });
    const { type, name, message, at } = state;
    const taskNo = taskNos.get(step) ?? null;
    return [seq, run.no, taskNo, attempt, type, name, message, at, dueAtOf(state), errorOf(state)];
  });
  for (const step of ofRuns) if (isSaved(step)) step.also?.(connection);
  insertTransitions(connection, rows);
  const written = deliveries.insert(connection, rung);
  judge.save();
  return {
    remember() {
      judge.committed();
      written.remember?.();
    },
    tell() {
      written.tell();
      for (const step of steps) {
        const saved = isSaved(step);
        if (saved) tell(step, tools);
        step.settle(saved ? "saved" : "stale");
      }
    },
  };
}

function tell(step: Step, { tally, onMoved, watchers }: StepTools): void {
  if ("taskTransition" in step) {
    watchers.taskMoved();
    return;
  }
  const { before, after } = step.transition;
  tally.run(before?.state.type, after.state.type);
  watchers.runMoved(step.transition);
  onMoved(after);
}

function subjectOf(step: Step): { readonly run: Run; readonly subject: Run | TaskRun } {
  if ("taskTransition" in step) return { run: step.run, subject: step.taskTransition.after };
  return { run: step.transition.after, subject: step.transition.after };
}

function ringsOf(book: HookBook, step: Step, turn: Turn | undefined): readonly Ring[] {
  return "taskTransition" in step
    ? book.ofTaskRun(step.run, step.taskTransition)
    : book.ofRun(step.transition, turn);
}

const insertTransitions = rowWriter("transition", [
  ...["seq", "run_no", "task_no", "attempt", "type", "name", "message", "at", "due_at", "error"],
]);
