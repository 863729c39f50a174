import type { AnyContext } from "../../src/sdk/mod.ts";

/** What a receiver outside is told: everything of the context that is data. */
export function told(context: AnyContext) {
  const { flow, delivery, urls } = context;
  const { moment } = delivery;
  if (context.decision !== undefined) return { moment, flow, decision: context.decision, urls };
  const { run, task, taskRun, state, previous } = context;
  return { moment, flow, run, task, taskRun, state, previous, urls };
}
