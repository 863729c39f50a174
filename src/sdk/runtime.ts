import type { FlowRun, TaskRunInfo } from "./flow-run.ts";
import { currentScope } from "./scope.ts";

export interface Runtime {
  /** The run in progress; in a hook, the run that the hook is told of. Throws outside both. */
  readonly flowRun: FlowRun;
  /** The task run in progress; undefined outside tasks. */
  readonly taskRun: TaskRunInfo | undefined;
  /** Aborts when the run or the task is to stop. Never aborts outside a run. */
  readonly signal: AbortSignal;
}

const NEVER = new AbortController().signal;

/** Tells code, wherever it is called from, which run it belongs to. */
export const runtime: Runtime = {
  get flowRun(): FlowRun {
    const flowRun = currentScope()?.flowRun;
    if (flowRun !== undefined) return flowRun;
    throw new Error(
      'Cannot read "runtime.flowRun": this code is called neither from a run nor from a hook of one',
    );
  },
  get taskRun(): TaskRunInfo | undefined {
    return currentScope()?.taskRun;
  },
  get signal(): AbortSignal {
    return currentScope()?.signal ?? NEVER;
  },
};
