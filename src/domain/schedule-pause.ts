import type { FlowName, ScheduleKey } from "./ids.ts";
import { type Instant, isoOf } from "./instant.ts";

/** A person put a flow's schedules, or one of them, to rest. Runs that are asked for by hand are not concerned. */
export interface SchedulePause {
  readonly flow: FlowName;
  /** Absent where the whole flow rests. */
  readonly schedule?: ScheduleKey;
  readonly since: Instant;
  readonly by: string;
  /** Why; may be empty. */
  readonly reason: string;
  /** Absent while it goes on. */
  readonly until?: Instant;
  readonly resumedBy?: string;
}

/** A pause as the API and the command line show it. Times are ISO 8601 in UTC. */
export interface SchedulePauseView {
  readonly schedule?: string;
  readonly since: string;
  readonly by: string;
  readonly reason?: string;
  readonly until?: string;
  readonly resumedBy?: string;
}

export interface PauseRequest {
  readonly flow: string;
  /** Only this schedule; the whole flow without it. */
  readonly schedule?: string;
  readonly by: string;
  readonly reason?: string;
}

export type PauseAnswer =
  | {
      readonly type: "done";
      /** False if it was so already. */
      readonly changed: boolean;
      /** What rests now: the flow as a whole, some of its schedules, or nothing. */
      readonly pauses: readonly SchedulePauseView[];
      /** Schedules that rest because the config says `paused: true`. */
      readonly pausedInConfig: readonly string[];
    }
  | { readonly type: "no-such-flow" }
  | { readonly type: "no-such-schedule"; readonly known: readonly string[] };

export function schedulePauseView(pause: SchedulePause): SchedulePauseView {
  const { schedule, since, by, reason, until, resumedBy } = pause;
  return {
    ...(schedule === undefined ? {} : { schedule }),
    since: isoOf(since),
    by,
    ...(reason === "" ? {} : { reason }),
    ...(until === undefined ? {} : { until: isoOf(until) }),
    ...(resumedBy === undefined ? {} : { resumedBy }),
  };
}

/** Who asked when, and why, in words: `paused by anna since 2026-01-31T08:00:00.000Z (moving the database)`. */
export function pauseInWords({ since, by, reason, until, resumedBy }: SchedulePauseView): string {
  const span = until === undefined ? `since ${since}` : `from ${since} to ${until}`;
  const why = reason === undefined ? "" : ` (${reason})`;
  const end = resumedBy === undefined ? "" : `, resumed by ${resumedBy}`;
  return `paused by ${by} ${span}${why}${end}`;
}
