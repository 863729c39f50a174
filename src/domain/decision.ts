import type { FlowName, RunId, ScheduleKey } from "./ids.ts";
import { type Instant, isoOf } from "./instant.ts";

/** What was decided about a due time that did not become a run. */
export interface Decision {
  readonly flow: FlowName;
  readonly schedule: ScheduleKey;
  readonly dueAt: Instant;
  readonly kind: "skipped" | "missed";
  readonly reason: string;
  /** The open run that stood in the way. */
  readonly blockedBy?: RunId;
  readonly decidedAt: Instant;
}

/** A decision as the API, the hooks and the command line show it. Times are ISO 8601 in UTC. */
export interface DecisionView {
  readonly flow: string;
  readonly schedule: string;
  readonly dueAt: string;
  readonly kind: Decision["kind"];
  readonly reason: string;
  /** The id of the open run that stood in the way. */
  readonly blockedBy?: string;
  readonly decidedAt: string;
}

export function decisionView(decision: Decision): DecisionView {
  const { flow, schedule, dueAt, kind, reason, blockedBy, decidedAt } = decision;
  return {
    flow,
    schedule,
    dueAt: isoOf(dueAt),
    kind,
    reason,
    ...(blockedBy === undefined ? {} : { blockedBy }),
    decidedAt: isoOf(decidedAt),
  };
}
