import type { DecisionView } from "../domain/decision.ts";
import type { RingSubject } from "../domain/delivery.ts";
import { type FlowSpec, isDecisionMoment, type Manifest, type Moment } from "../domain/flow.ts";
import type { OwnedHook } from "../domain/hook-list.ts";
import type { Random } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { runView } from "../domain/run-view.ts";
import type { TrialAnswer, TrialView } from "../domain/trial.ts";
import type { RunHistory, TransitionView } from "../store/run-history.ts";
import { strangeTo } from "./find-hook.ts";
import {
  inState,
  isMoment,
  madeUpDecision,
  madeUpRun,
  madeUpState,
  type RunMoment,
} from "./made-up.ts";

/** The reads that a trial needs. */
export interface TrialHistory
  extends Pick<RunHistory, "findRun" | "listTransitions" | "listTaskRuns"> {
  /** The newest decision of this kind about one of these flows. */
  newestDecision(kind: DecisionView["kind"], flows: readonly string[]): DecisionView | undefined;
}

/** What a hook is to be told of, in a trial. */
export interface TrialSubject {
  readonly moment: Moment;
  readonly about: RingSubject;
  readonly madeUp: TrialView["madeUp"];
}

export interface SubjectContext {
  readonly owned: OwnedHook;
  /** The moment that was asked for. */
  readonly moment: Moment | undefined;
  readonly manifest: Manifest;
  readonly history: TrialHistory | undefined;
  readonly now: Instant;
  readonly random: Random;
}

type Unfit = Extract<TrialAnswer, { type: "unfit" }>;

/** Something for the hook to be told of where no run was named: made up, or the newest decision. */
export function subjectWithoutRun(context: SubjectContext): TrialSubject | Unfit {
  const { owned, manifest, history, now, random } = context;
  const moment = context.moment ?? owned.hook.moments[0];
  if (moment === undefined) return unfit("it has no moment at which it is rung");
  const flows = flowsOf(owned, manifest);
  const [flow] = flows;
  if (isDecisionMoment(moment)) {
    const kind = moment === "onMissed" ? "missed" : "skipped";
    const names = flows.map(({ name }) => name);
    const found = history?.newestDecision(kind, names);
    const decision = found ?? madeUpDecision(moment, flow, now);
    const madeUp = found === undefined ? "all" : "nothing";
    return { moment, about: { kind: "decision", decision }, madeUp };
  }
  const { owner } = owned;
  const task = owner.kind === "task" ? owner.task : undefined;
  const about = madeUpRun({ flow, moment, task, tags: tagsWanted(owned, flow), now, random });
  return { moment, about, madeUp: "all" };
}

/** The flows whose runs the hook may be told of. */
function flowsOf(owned: OwnedHook, { flows }: Manifest): readonly FlowSpec[] {
  const { owner } = owned;
  if (owner.kind === "flow") return [owner.flow];
  const own = flows.filter(
    ({ name, tags }) => strangeTo(owned, { flow: name, tags }) === undefined,
  );
  if (own.length > 0 || owner.kind === "task") return own;
  // No flow carries the tag itself: a run may carry it all the same.
  const named = owner.kind === "module" ? owner.module.flows : undefined;
  return flows.filter(({ name }) => named?.includes(name) ?? true);
}

function tagsWanted(owned: OwnedHook, flow: FlowSpec | undefined): readonly string[] {
  const { owner } = owned;
  if (owner.kind === "tag") return [owner.tag];
  const wanted = owner.kind === "module" ? (owner.module.tags ?? []) : [];
  return wanted.some((tag) => flow?.tags.includes(tag)) ? [] : wanted.slice(0, 1);
}

/** The newest transition of a run at which the hook is rung; where there is none, its state is made up. */
export async function subjectOfRun(
  run: Run,
  context: SubjectContext & { readonly history: TrialHistory },
): Promise<TrialSubject | Unfit> {
  const { owned, now } = context;
  const strange = strangeTo(owned, run);
  if (strange !== undefined) return unfit(`${strange}, and run "${run.name}" is of "${run.flow}"`);
  const wanted = context.moment === undefined ? owned.hook.moments : [context.moment];
  const moments = wanted.filter((moment): moment is RunMoment => !isDecisionMoment(moment));
  const [first] = moments;
  if (first === undefined) {
    return unfit("it is told of due times that became no run; leave the run out");
  }
  const past = await pastSubject(run, moments, context);
  if (past !== undefined) return past;
  const { state, previous } = madeUpState(first, now);
  const about =
    owned.owner.kind === "task"
      ? taskOfRun(run, owned.owner.task, { ...context, moment: first })
      : { kind: "run" as const, run: inState(runView(run), state), state, previous };
  return { moment: first, about, madeUp: "state" };
}

function taskOfRun(
  run: Run,
  task: string,
  { now, random, moment }: SubjectContext & { readonly moment: RunMoment },
): RingSubject {
  const made = madeUpRun({ flow: undefined, moment, task, tags: [], now, random });
  return { ...made, run: runView(run) };
}

async function pastSubject(
  run: Run,
  moments: readonly RunMoment[],
  { owned: { owner }, history }: SubjectContext & { readonly history: TrialHistory },
): Promise<TrialSubject | undefined> {
  const task = owner.kind === "task" ? owner.task : undefined;
  const all = await history.listTransitions(run);
  const own = all.filter((transition) => transition.task === task);
  const found = newestAt(own, moments);
  if (found === undefined) return undefined;
  const { transition, moment } = found;
  const { state, attempt, taskRun: id } = transition;
  const before = own.filter((one) => one.taskRun === id && one.seq < transition.seq).at(-1);
  const common = { state, ...(before === undefined ? {} : { previous: before.state }) };
  if (task === undefined) {
    const view = inState({ ...runView(run), attempt }, state);
    return { moment, about: { kind: "run", run: view, ...common }, madeUp: "nothing" };
  }
  const taskRun = (await history.listTaskRuns(run)).find((one) => one.id === id);
  if (taskRun === undefined) return undefined;
  const told = { run: runView(run), taskRun: inState({ ...taskRun, attempt }, state) };
  return { moment, about: { kind: "run", ...told, ...common }, madeUp: "nothing" };
}

function newestAt(transitions: readonly TransitionView[], moments: readonly RunMoment[]) {
  for (const transition of transitions.toReversed()) {
    const moment = moments.find((one) => isMoment(one, transition.state));
    if (moment !== undefined) return { transition, moment };
  }
  return undefined;
}

function unfit(why: string): Unfit {
  return { type: "unfit", why };
}
