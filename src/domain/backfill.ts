import type { FlowName, RunId, ScheduleKey } from "./ids.ts";
import { type Instant, isoOf } from "./instant.ts";
import type { StateType } from "./state.ts";

/** Due times of one backfill at the most. */
export const BACKFILL_MAX = 10_000;

/** How the runs of a backfill stand to each other: one after another, or as many as threads and limits allow. */
export const BACKFILL_POLICIES = ["queue-all", "allow"] as const;
export type BackfillPolicy = (typeof BACKFILL_POLICIES)[number];

/** Asks for runs of due times that have passed. */
export interface BackfillRequest {
  readonly flow: string;
  /** Only this schedule; all of the flow's without it. */
  readonly schedule?: string;
  /** Due times at or after `from` and before `to`. */
  readonly from: Instant;
  readonly to: Instant;
  readonly overlap: BackfillPolicy;
  readonly by: string;
}

/** A backfill: the runs of a range of due times, made oldest first. */
export interface Backfill {
  readonly no: number;
  readonly id: string;
  readonly flow: FlowName;
  readonly schedule?: ScheduleKey;
  readonly from: Instant;
  readonly to: Instant;
  readonly overlap: BackfillPolicy;
  readonly by: string;
  readonly total: number;
  readonly createdAt: Instant;
  /** When all of its due times had been dealt with. */
  readonly madeAt?: Instant;
  readonly cancelledAt?: Instant;
}

/**
 * What became of a due time of a backfill: it has a run of the backfill, it had one before, or its schedule is
 * no longer in the config.
 */
export type BackfillOutcome = "made" | "had-run" | "no-schedule";

export interface BackfillDue {
  readonly schedule: ScheduleKey;
  readonly dueAt: Instant;
  /** Absent until it has been dealt with. */
  readonly outcome?: BackfillOutcome;
  /** The run of this due time, whoever made it. */
  readonly run?: RunId;
  readonly state?: StateType;
}

/** How many due times stand how. They sum up to `total`. */
export interface BackfillCounts {
  /** Not dealt with yet, or never to be: the backfill was cancelled before. */
  readonly toMake: number;
  readonly hadRun: number;
  readonly noSchedule: number;
  readonly waiting: number;
  readonly running: number;
  /** Their runs wait for a person. */
  readonly paused: number;
  readonly completed: number;
  readonly failed: number;
  readonly crashed: number;
  readonly cancelled: number;
  /** Runs that ended so long ago that they are no longer kept. */
  readonly deleted: number;
}

/** A backfill as the API and the command line show it. Times are ISO 8601 in UTC. */
export interface BackfillView {
  readonly id: string;
  readonly flow: string;
  readonly schedule?: string;
  readonly from: string;
  readonly to: string;
  readonly overlap: BackfillPolicy;
  readonly by: string;
  readonly createdAt: string;
  readonly cancelledAt?: string;
  /** `making` its runs, `running` them, `done`, or `cancelled`. */
  readonly status: "making" | "running" | "done" | "cancelled";
  readonly total: number;
  readonly counts: BackfillCounts;
  /** Its runs cannot be made at present; it is tried again and again. */
  readonly trouble?: BackfillTrouble;
}

export interface BackfillTrouble {
  readonly why: string;
  /** How often in a row it was tried in vain. */
  readonly tries: number;
}

export interface BackfillDueView {
  readonly schedule: string;
  readonly dueAt: string;
  readonly outcome?: BackfillOutcome;
  readonly run?: string;
  readonly state?: StateType;
}

/** What a backfill would do. */
export interface BackfillPlan {
  readonly flow: string;
  readonly total: number;
  /** Due times that have a run already: they are left alone. */
  readonly hadRun: number;
  readonly dues: readonly BackfillDueView[];
}

export type BackfillRefusal =
  | { readonly type: "no-such-flow" }
  | { readonly type: "no-such-schedule"; readonly known: readonly string[] }
  | { readonly type: "nothing-due" }
  | { readonly type: "too-many"; readonly max: number };

export type BackfillAnswer =
  | { readonly type: "begun"; readonly backfill: BackfillView }
  | BackfillRefusal;
export type BackfillPlanAnswer =
  | { readonly type: "planned"; readonly plan: BackfillPlan }
  | BackfillRefusal;

export function backfillView(
  backfill: Backfill,
  counts: BackfillCounts,
  trouble?: BackfillTrouble,
): BackfillView {
  const { id, flow, schedule, from, to, overlap, by, createdAt, cancelledAt, total } = backfill;
  const status = statusOf(backfill, counts);
  return {
    id,
    flow,
    ...(schedule === undefined ? {} : { schedule }),
    from: isoOf(from),
    to: isoOf(to),
    overlap,
    by,
    createdAt: isoOf(createdAt),
    ...(cancelledAt === undefined ? {} : { cancelledAt: isoOf(cancelledAt) }),
    status,
    total,
    counts,
    ...(trouble === undefined || status !== "making" ? {} : { trouble }),
  };
}

export function backfillDueView({ schedule, dueAt, ...rest }: BackfillDue): BackfillDueView {
  return { schedule, dueAt: isoOf(dueAt), ...rest };
}

function statusOf(
  { cancelledAt }: Backfill,
  { toMake, waiting, running, paused }: BackfillCounts,
): BackfillView["status"] {
  if (cancelledAt !== undefined) return "cancelled";
  if (toMake > 0) return "making";
  return waiting + running + paused > 0 ? "running" : "done";
}
