import type { FlowName, RunId, ScheduleKey } from "./ids.ts";
import type { Instant } from "./instant.ts";

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
