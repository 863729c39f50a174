import type {
  BackfillAnswer,
  BackfillDueView,
  BackfillPlanAnswer,
  BackfillRequest,
  BackfillView,
} from "./backfill.ts";
import type { ExplainFacts, Explanation } from "./explain.ts";
import type { FlowSpec } from "./flow.ts";
import type { Instant } from "./instant.ts";
import type { PauseAnswer, PauseRequest, SchedulePause } from "./schedule-pause.ts";

/** A schedule that is not as it should be. */
export interface ScheduleTrouble {
  readonly flow: string;
  readonly schedule: string;
  readonly why: string;
}

/** What people may ask of schedules, and ask about them. */
export interface ScheduleCare {
  /** The pauses that go on: of a flow and its schedules, or all. */
  pauses(flow?: string): readonly SchedulePause[];
  /** The flow with the schedules marked as paused that a person paused. */
  withPauses(flow: FlowSpec): FlowSpec;
  pause(request: PauseRequest): Promise<PauseAnswer>;
  resume(request: PauseRequest): Promise<PauseAnswer>;
  /** Why a flow did, or did not, run at an instant, or at its latest due time; undefined if nobody knows it. */
  explain(flow: string, at: Instant | undefined): Promise<Explained | undefined>;
  planBackfill(request: BackfillRequest): BackfillPlanAnswer;
  beginBackfill(request: BackfillRequest): Promise<BackfillAnswer>;
  /** Newest first. */
  listBackfills(limit: number): readonly BackfillView[];
  /** By id, or by its first characters, 6 at least. */
  findBackfill(reference: string): BackfillView | undefined;
  /** Its due times, oldest first. */
  listBackfillDues(reference: string, page: DuesPage): BackfillDues | undefined;
  /** Makes no more runs and cancels those that wait. */
  cancelBackfill(reference: string): Promise<BackfillView | undefined>;
  /** Schedules without a next due time, and those that are far behind. */
  troubles(): readonly ScheduleTrouble[];
  /** Why nothing can be saved at present. */
  unavailable(): string | undefined;
}

export interface Explained {
  readonly explanation: Explanation;
  readonly facts: ExplainFacts;
}

export interface DuesPage {
  /** Where the page before ended; -1 for the first. */
  readonly after: number;
  readonly limit: number;
}

export interface BackfillDues {
  readonly items: readonly BackfillDueView[];
  /** Absent where there are no more. */
  readonly next?: number;
}
