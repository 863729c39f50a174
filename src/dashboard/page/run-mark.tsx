import type { StateView } from "../../domain/run-view.ts";
import { expectedOf, type Mark } from "./expected.ts";
import { StateMark } from "./parts.tsx";

interface Stateful {
  readonly id: string;
  readonly state: StateView;
}

/** A run's state; or what somebody asked for a moment ago. */
export function RunMark({ run }: { readonly run: Stateful }) {
  return <StateMark {...markOf(run)} />;
}

function markOf({ id, state: { type, name, at } }: Stateful): Mark {
  return expectedOf(id, at) ?? { type, name };
}

/** Whether it is asked to stop, and does not yet. */
export function isCancelling(run: Stateful): boolean {
  return markOf(run).type === "CANCELLING";
}
