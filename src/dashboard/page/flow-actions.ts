import { signal } from "@preact/signals";
import type { RunView } from "../../domain/run-view.ts";
import type { FlowView } from "../../http/flow-view.ts";
import { bump } from "./live.ts";
import { perform } from "./notices.ts";
import { at, go } from "./router.ts";

/** The flow that a form asks for parameters of, and those that it begins with. */
export interface Order {
  readonly flow: FlowView;
  readonly parameters?: unknown;
}

export const order = signal<Order | undefined>(undefined);

/** Whether somebody who runs this flow is asked for anything. */
export function wantsParameters({ parametersSchema }: FlowView): boolean {
  const properties = parametersSchema?.["properties"];
  return (
    typeof properties === "object" && properties !== null && Object.keys(properties).length > 0
  );
}

/** Runs a flow at once, or asks for its parameters first. */
export async function runFlow(flow: FlowView): Promise<void> {
  if (wantsParameters(flow)) order.value = { flow };
  else await trigger(flow.name, {});
}

/** Answers the run, or undefined where the daemon refused and that was said. */
export async function trigger(
  flow: string,
  body: Readonly<Record<string, unknown>>,
): Promise<RunView | undefined> {
  const answer = await perform<RunView>({
    path: `/api/flows/${encodeURIComponent(flow)}/runs`,
    body,
    done: `Run of ${flow} was made`,
    undo: { label: "Cancel it", run: (run) => void cancelMade(run) },
  });
  if (answer.ok) go(at("runs", answer.value.id));
  return answer.ok ? answer.value : undefined;
}

/** Only what is not over can be cancelled: the daemon says so where it is too late. */
async function cancelMade({ id, name }: RunView): Promise<void> {
  await perform({ path: `/api/runs/${id}/cancel`, done: `${name} is cancelled` });
}

/** Flows whose pause was asked for and is not known yet: the button shows at once what will be. */
const pausing = signal<ReadonlyMap<string, boolean>>(new Map());

export function isPaused(flow: FlowView): boolean {
  const asked = pausing.value.get(flow.name);
  if (asked !== undefined) return asked;
  return flow.schedules.length > 0 && flow.schedules.every(({ paused }) => paused);
}

/** Puts a flow's schedules to rest, or lets them go on; either can be undone at once. */
export async function setPaused(flow: FlowView, isToRest: boolean): Promise<void> {
  const set = (value: boolean | undefined) => {
    const next = new Map(pausing.peek());
    if (value === undefined) next.delete(flow.name);
    else next.set(flow.name, value);
    pausing.value = next;
  };
  set(isToRest);
  const answer = await perform({
    path: `/api/flows/${encodeURIComponent(flow.name)}/${isToRest ? "pause" : "resume"}`,
    done: isToRest ? `${flow.name} is paused` : `${flow.name} goes on`,
    undo: { label: "Undo", run: () => void setPaused(flow, !isToRest) },
  });
  // What was asked for is shown until the daemon's own word of it has come.
  if (answer.ok) setTimeout(() => set(undefined), 2_500);
  else set(undefined);
  bump();
}
