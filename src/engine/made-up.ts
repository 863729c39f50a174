import type { DecisionView } from "../domain/decision.ts";
import type { RingSubject } from "../domain/delivery.ts";
import type { DecisionMoment, FlowSpec, Moment } from "../domain/flow.ts";
import { type Random, uuidv7 } from "../domain/ids.ts";
import { type Instant, isoOf, later } from "../domain/instant.ts";
import { readableName } from "../domain/readable-name.ts";
import type { RunView, StateView, TaskRunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";

// In: a moment. Out: something that a hook could be told of at that moment, and that never happened.

export type RunMoment = Exclude<Moment, DecisionMoment>;

const WHY = "made up by tocsin hooks test";
const AGE_MS = 60_000;

export interface MakingUp {
  readonly flow: FlowSpec | undefined;
  readonly moment: RunMoment;
  /** Set for a hook of a task. */
  readonly task: string | undefined;
  /** Besides those of the flow. */
  readonly tags: readonly string[];
  readonly now: Instant;
  readonly random: Random;
}

/** A run that has just come to a moment. */
export function madeUpRun(making: MakingUp): Extract<RingSubject, { kind: "run" }> {
  const { flow, moment, task, tags, now, random } = making;
  const { state, previous } = madeUpState(moment, now);
  const createdAt = isoOf(later(now, -AGE_MS));
  const schedule = flow?.schedules[0]?.key;
  const base: RunView = {
    id: uuidv7(now, random),
    name: readableName(1 + (random(1)[0] ?? 0)),
    flow: flow?.name ?? "made-up",
    state,
    attempt: 1,
    parameters: {},
    tags: [...new Set([...(flow?.tags ?? []), ...tags])],
    ...(schedule === undefined ? {} : { schedule, scheduledFor: createdAt }),
    createdAt,
    ...(state.name === "Late" ? {} : { startedAt: createdAt }),
    priority: flow?.priority ?? 0,
    generation: 0,
  };
  return task === undefined
    ? { kind: "run", run: inState(base, state), state, previous }
    : withTask(base, { task, state, previous, making });
}

/** A run with another state, and what goes with it. */
export function inState<View extends RunView | TaskRunView>(view: View, state: StateView): View {
  const { endedAt: _, result, ...rest } = view;
  const ended = isTerminal(state.type) ? { endedAt: state.at } : {};
  const kept = state.type === "COMPLETED" && result !== undefined ? { result } : {};
  return { ...rest, state, ...ended, ...kept } as View;
}

function withTask(
  run: RunView,
  {
    task,
    state,
    previous,
    making: { now, random },
  }: {
    readonly task: string;
    readonly state: StateView;
    readonly previous: StateView;
    readonly making: MakingUp;
  },
): Extract<RingSubject, { kind: "run" }> {
  const running: StateView = { ...RUNNING, message: "", at: run.createdAt };
  const taskRun: TaskRunView = {
    id: uuidv7(now, random),
    task,
    call: 0,
    state,
    attempt: 1,
    createdAt: run.createdAt,
    startedAt: run.createdAt,
  };
  const about = { run: inState(run, running), taskRun: inState(taskRun, state) };
  return { kind: "run", ...about, state, previous };
}

type Kind = Pick<StateView, "type" | "name">;
const RUNNING: Kind = { type: "RUNNING", name: "Running" };
const FAILED: Kind = { type: "FAILED", name: "Failed" };
const COMPLETED: Kind = { type: "COMPLETED", name: "Completed" };

const KINDS: Readonly<Record<RunMoment, Kind>> = {
  onRunning: RUNNING,
  onCompletion: COMPLETED,
  onFailure: FAILED,
  onCancellation: { type: "CANCELLING", name: "Cancelling" },
  onCrashed: { type: "CRASHED", name: "Crashed" },
  onRetry: { type: "SCHEDULED", name: "AwaitingRetry" },
  onAnyEnd: COMPLETED,
  onRecovered: COMPLETED,
  onRegressed: FAILED,
  onLate: { type: "SCHEDULED", name: "Late" },
  onRunningLong: RUNNING,
};

/** A state that is such a moment, and the one before it. */
export function madeUpState(
  moment: RunMoment,
  now: Instant,
): { readonly state: StateView; readonly previous: StateView } {
  const kind = KINDS[moment];
  const at = isoOf(now);
  const failed = kind.type === "FAILED" ? { error: { name: "Error", message: WHY } } : {};
  const due = kind.type === "SCHEDULED" ? { dueAt: at } : {};
  const before = isoOf(later(now, -AGE_MS));
  return {
    state: { ...kind, message: WHY, at, ...failed, ...due },
    previous: { ...previousOf(kind), message: "", at: before },
  };
}

function previousOf({ type, name }: Kind): Kind {
  if (type === "RUNNING") return { type: "PENDING", name: "Pending" };
  return name === "Late" ? { type: "SCHEDULED", name: "Scheduled" } : RUNNING;
}

/** Whether a run or task run that enters the state rings such a moment; of turns, whether it may. */
export function isMoment(moment: RunMoment, { type, name }: StateView): boolean {
  switch (moment) {
    case "onCancellation":
      return type === "CANCELLING" || type === "CANCELLED";
    case "onRegressed":
      return type === "FAILED" || type === "CRASHED";
    case "onAnyEnd":
      return isTerminal(type);
    case "onRetry":
    case "onLate":
      return name === KINDS[moment].name;
    default:
      return type === KINDS[moment].type;
  }
}

/** A due time that became no run. */
export function madeUpDecision(
  moment: DecisionMoment,
  flow: FlowSpec | undefined,
  now: Instant,
): DecisionView {
  const kind = moment === "onMissed" ? "missed" : "skipped";
  return {
    flow: flow?.name ?? "made-up",
    schedule: flow?.schedules[0]?.key ?? "made-up",
    dueAt: isoOf(later(now, -AGE_MS)),
    kind,
    reason: WHY,
    decidedAt: isoOf(now),
  };
}
