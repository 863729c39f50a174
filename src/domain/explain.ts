import type { Decision } from "./decision.ts";
import type { OverlapPolicy } from "./flow.ts";
import type { FlowName, ScheduleKey } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { Run } from "./run.ts";
import type { ScheduleLife } from "./schedule-life.ts";
import type { SchedulePause } from "./schedule-pause.ts";

/** What is to be said of a flow at an instant, in a word. */
export type Verdict =
  /** The due time has a run: it is over, goes on, or waits. */
  | "ran"
  | "runs"
  | "waits"
  | "cancelled"
  /** The due time has a decision in its place. */
  | "skipped"
  | "missed"
  /** Somebody paused the flow or the schedule, or the config says `paused: true`. */
  | "paused"
  | "paused-in-config"
  /** The schedule was not in the config then, or the config changed before the due time was dealt with. */
  | "not-in-force"
  | "changed"
  /** Its `until` had passed, or its list of dates was at its end. */
  | "over"
  | "not-due"
  | "no-schedule"
  /** It is due, and is being dealt with. */
  | "pending"
  | "will-run"
  /** It is due, and a run that is open now would be in its way. */
  | "may-be-skipped"
  /** Records of that time have been deleted. */
  | "forgotten"
  | "no-record";

/** When the daemon could not deal with anything. */
export type Absence =
  | {
      readonly kind: "down";
      /** When it stopped, or was last known to live; absent if none had run before. */
      readonly from?: Instant;
      /** When one was started again. */
      readonly to?: Instant;
      /** Whether it said goodbye: if not, it died some seconds after `from`. */
      readonly clean: boolean;
    }
  | { readonly kind: "jump"; readonly from: Instant; readonly to: Instant };

/** A change of the clocks in the schedule's zone, on the day in question. */
export interface ClockChange {
  readonly at: Instant;
  readonly timezone: string;
  /** Positive: put forward. */
  readonly byMs: number;
}

/** What is known of one schedule at the instant in question. */
export interface ScheduleFacts {
  readonly schedule: ScheduleKey;
  /** When it is due, for people. */
  readonly words: string;
  /** The schedule as it was then; absent where the config did not have it. */
  readonly life?: ScheduleLife;
  /** The config of now says `paused: true`. */
  readonly restsInConfig?: true;
  /** When the config first had it, if it did not have it then. */
  readonly firstBeganAt?: Instant;
  /** When the config had it last, if it does not have it now. */
  readonly lastEndedAt?: Instant;
  /** The due time that is meant; absent where there is none. */
  readonly dueAt?: Instant;
  /** When its run is to start, where the schedule has a jitter. */
  readonly startsAt?: Instant;
  readonly dst?: "moved" | "merged" | "repeated";
  readonly standsFor?: readonly string[];
  readonly clockChange?: ClockChange;
  /** The nearest due times before and after. */
  readonly previousDueAt?: Instant;
  readonly nextDueAt?: Instant;
  readonly run?: Run;
  readonly decision?: Decision;
  /** The run that stood in the way. */
  readonly blockedBy?: Run;
  /** The daemon was not there to deal with it. */
  readonly absence?: Absence;
  /** For a schedule that follows the daemon's starts: the last of them by then. */
  readonly lastStart?: LastStart;
  /** Every due time up to here has been dealt with. */
  readonly dealtUntil?: Instant;
}

/** A start of the daemon, and what it made of a schedule that follows its starts. */
export interface LastStart {
  readonly at: Instant;
  readonly run?: Run;
  readonly decision?: Decision;
}

/** Everything that is known of a flow at an instant. */
export interface ExplainFacts {
  readonly flow: FlowName;
  /** Whether the newest config has it. */
  readonly inConfig: boolean;
  readonly at: Instant;
  readonly now: Instant;
  readonly schedules: readonly ScheduleFacts[];
  /** Those that held then. */
  readonly pauses: readonly SchedulePause[];
  /** Those that hold now: what is due next has to do with them. */
  readonly pausesNow: readonly SchedulePause[];
  /** Runs that somebody asked for by hand, started then or to be started then. */
  readonly byHand: readonly Run[];
  readonly overlap?: OverlapPolicy;
  /** An open run of the flow that would stand in the way of a due time now. */
  readonly openRun?: Run;
  readonly config: { readonly generation: number; readonly acceptedAt: Instant };
  /** Runs and decisions older than this are deleted. */
  readonly keptSince: Instant;
}

/** The answer to "why did it not run?". */
export interface Explanation {
  readonly verdict: Verdict;
  readonly sentences: readonly string[];
}
