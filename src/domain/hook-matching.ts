import type { FlowSpec, HookModuleSpec, HookSpec, Manifest, Moment, TaskSpec } from "./flow.ts";
import type { Advancing, Run, TaskRun, Transition } from "./run.ts";
import { isTerminal, type State } from "./state.ts";

/** A hook that a transition rings, and the moment at which it is. */
export interface Ring {
  readonly hook: HookSpec;
  readonly moment: Moment;
}

/** Decides which hooks a transition rings, in the order in which they were given: the flow's own, then modules. */
export interface HookBook {
  ofRun(transition: Transition<Run>): readonly Ring[];
  ofTaskRun(run: Run, transition: Transition<TaskRun>): readonly Ring[];
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
      return after.name === "AwaitingRetry" ? ["onRetry"] : [];
    case "PENDING":
    case "PAUSED":
      return [];
  }
}

/** Builds the book of one config, so that asking it costs nothing where no hook listens. */
export function hookBook(manifest: Manifest): HookBook {
  const flows = new Map<string, FlowSpec>(manifest.flows.map((flow) => [flow.name, flow]));
  const tasks = new Map<string, TaskSpec>(manifest.tasks.map((task) => [task.name, task]));
  const heard = heardMoments(manifest);
  return {
    ofRun(transition) {
      const moments = momentsOf(transition).filter((moment) => heard.has(moment));
      if (moments.length === 0) return [];
      const { flow, tags } = transition.after;
      const modules = manifest.hookModules.filter((module) => lets(module, flow, tags));
      return ringsOf(moments, [...(flows.get(flow)?.hooks ?? []), ...modules]);
    },
    ofTaskRun(_, transition) {
      const moments = momentsOf(transition).filter((moment) => heard.has(moment));
      return moments.length === 0
        ? []
        : ringsOf(moments, tasks.get(transition.after.task)?.hooks ?? []);
    },
  };
}

function heardMoments({ flows, tasks, hookModules }: Manifest): ReadonlySet<Moment> {
  const hooks = [...flows.flatMap((flow) => flow.hooks), ...tasks.flatMap((task) => task.hooks)];
  return new Set([...hooks, ...hookModules].flatMap((hook) => hook.moments));
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
