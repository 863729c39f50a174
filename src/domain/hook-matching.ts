import type { Decision } from "./decision.ts";
import type { FlowSpec, HookModuleSpec, HookSpec, Manifest, Moment, TaskSpec } from "./flow.ts";
import { hooksOf } from "./hook-list.ts";
import type { Advancing, Run, TaskRun, Transition } from "./run.ts";
import { isTerminal, type ScheduledState, type State } from "./state.ts";

/** A hook that a transition rings, and the moment at which it is. */
export interface Ring {
  readonly hook: HookSpec;
  readonly moment: Moment;
}

/** How an ended run stands to the one of its flow that ended before it: the flow works again, or no longer. */
export type Turn = "recovered" | "regressed";

/**
 * Decides which hooks are rung, in the order in which they were given: the flow's or task's own, then those of
 * tags, then modules.
 */
export interface HookBook {
  /** `turn` is set when the run ended otherwise than its flow's run before. */
  ofRun(transition: Transition<Run>, turn?: Turn): readonly Ring[];
  ofTaskRun(run: Run, transition: Transition<TaskRun>): readonly Ring[];
  /** A run that goes on for longer than its flow expects. */
  ofLongRun(run: Run): readonly Ring[];
  ofDecision(decision: Decision): readonly Ring[];
}

/** The moments that entering `after` is, in the order in which their hooks ring. */
export function momentsOf({ before, after }: Transition<Advancing>): readonly Moment[] {
  const moments = enteringMoments(before?.state, after.state);
  return isTerminal(after.state.type) ? [...moments, "onAnyEnd"] : moments;
}

function enteringMoments(before: State | undefined, after: State): readonly Moment[] {
  switch (after.type) {
    case "RUNNING":
      return ["onRunning"];
    case "COMPLETED":
      return ["onCompletion"];
    case "FAILED":
      return ["onFailure"];
    case "CRASHED":
      return ["onCrashed"];
    case "CANCELLING":
      return ["onCancellation"];
    case "CANCELLED":
      return before?.type === "CANCELLING" ? [] : ["onCancellation"];
    case "SCHEDULED":
      // One that is released is late since before.
      return before?.type === "PENDING" && after.name === "Late"
        ? []
        : SCHEDULED_MOMENTS[after.name];
    case "PENDING":
    case "PAUSED":
      return [];
  }
}

const SCHEDULED_MOMENTS: Readonly<Record<ScheduledState["name"], readonly Moment[]>> = {
  Scheduled: [],
  AwaitingConcurrencySlot: [],
  AwaitingRetry: ["onRetry"],
  Late: ["onLate"],
};

const TURN_MOMENTS: Readonly<Record<Turn, Moment>> = {
  recovered: "onRecovered",
  regressed: "onRegressed",
};

/** Builds the book of one config, so that asking it costs nothing where no hook listens. */
export function hookBook(manifest: Manifest): HookBook {
  const flows = new Map<string, FlowSpec>(manifest.flows.map((flow) => [flow.name, flow]));
  const tasks = new Map<string, TaskSpec>(manifest.tasks.map((task) => [task.name, task]));
  const heard = heardMoments(manifest);
  const ringsFor = (flow: string, tags: readonly string[], moments: readonly Moment[]) => {
    const asked = moments.filter((moment) => heard.has(moment));
    return asked.length === 0 ? [] : ringsOf(asked, hooksFor({ manifest, flows }, flow, tags));
  };
  return {
    ofRun(transition, turn) {
      const { flow, tags } = transition.after;
      const moments = momentsOf(transition);
      return ringsFor(flow, tags, turn === undefined ? moments : [...moments, TURN_MOMENTS[turn]]);
    },
    ofTaskRun(_, transition) {
      const moments = momentsOf(transition).filter((moment) => heard.has(moment));
      return moments.length === 0
        ? []
        : ringsOf(moments, tasks.get(transition.after.task)?.hooks ?? []);
    },
    ofLongRun: ({ flow, tags }) => ringsFor(flow, tags, ["onRunningLong"]),
    ofDecision({ flow, kind }) {
      const tags = flows.get(flow)?.tags ?? [];
      return ringsFor(flow, tags, [kind === "missed" ? "onMissed" : "onSkipped"]);
    },
  };
}

function hooksFor(
  { manifest, flows }: { readonly manifest: Manifest; readonly flows: Map<string, FlowSpec> },
  flow: string,
  tags: readonly string[],
): readonly HookSpec[] {
  const ofTags = manifest.tagHooks.filter(({ tag }) => tags.includes(tag));
  const modules = manifest.hookModules.filter((module) => lets(module, flow, tags));
  return [...(flows.get(flow)?.hooks ?? []), ...ofTags.flatMap(({ hooks }) => hooks), ...modules];
}

function heardMoments(manifest: Manifest): ReadonlySet<Moment> {
  return new Set(hooksOf(manifest).flatMap((hook) => hook.moments));
}

function lets(module: HookModuleSpec, flow: string, tags: readonly string[]): boolean {
  if (module.flows !== undefined && !module.flows.some((name) => name === flow)) return false;
  return module.tags === undefined || module.tags.some((tag) => tags.includes(tag));
}

function ringsOf(moments: readonly Moment[], hooks: readonly HookSpec[]): readonly Ring[] {
  return moments.flatMap((moment) =>
    hooks.filter((hook) => hook.moments.includes(moment)).map((hook) => ({ hook, moment })),
  );
}
