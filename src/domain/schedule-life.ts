import type { ScheduleSpec } from "./flow.ts";
import type { ScheduleKey } from "./ids.ts";
import type { Instant } from "./instant.ts";

/** What of a schedule says when it is due. */
export type ScheduleRule = Pick<ScheduleSpec, "timing" | "paused" | "until">;

/** A schedule as it was from one config to another: what is explained later goes by the rule of its time. */
export interface ScheduleLife {
  readonly schedule: ScheduleKey;
  readonly rule: ScheduleRule;
  /** The config under which it began; generations are counted anew when the daemon starts. */
  readonly generation: number;
  readonly beganAt: Instant;
  /** Absent while it is in force. */
  readonly endedAt?: Instant;
}

export function ruleOfSchedule({ timing, paused, until }: ScheduleSpec): ScheduleRule {
  return { timing, paused, ...(until === undefined ? {} : { until }) };
}
