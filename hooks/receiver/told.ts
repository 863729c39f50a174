import type { HookContext } from "../../src/sdk/mod.ts";

/** What a receiver outside is told of a transition: everything of the context that is data. */
export function told({ flow, run, task, taskRun, state, previous, delivery, urls }: HookContext) {
  return { moment: delivery.moment, flow, run, task, taskRun, state, previous, urls };
}

/** What changed its state, for people: `Run "brave-otter" of flow "report"`. */
export function subjectOf({ flow, run, task }: HookContext): string {
  const whose = `run "${run.name}" of flow "${flow.name}"`;
  return task === undefined ? `R${whose.slice(1)}` : `Task "${task}" in ${whose}`;
}
