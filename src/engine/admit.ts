import type { Decision } from "../domain/decision.ts";
import type { FlowSpec, ScheduleSpec } from "../domain/flow.ts";
import type { RunId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { keepOrMiss } from "../domain/missed.ts";
import { mayOverlap } from "../domain/overlap.ts";

// In: a schedule's due times. Out: for each a run to be made, or the decision that it gets none.

export interface Admission {
  readonly births: readonly Instant[];
  readonly decisions: readonly Decision[];
}

export interface Waiting {
  readonly flow: FlowSpec;
  readonly schedule: ScheduleSpec;
  readonly dues: readonly Instant[];
}

export interface AdmitMoment {
  readonly now: Instant;
  /** How late a due time may be dealt with without counting as missed. */
  readonly missedGraceMs: number;
  /** The flow's open run, if there is one. */
  readonly blockedBy: RunId | undefined;
}

/** Decides about due times, oldest first. */
export function admit({ flow, schedule, dues }: Waiting, moment: AdmitMoment): Admission {
  const { now, missedGraceMs, blockedBy } = moment;
  const { kept, missed } = keepOrMiss(dues, flow.missed, { now, graceMs: missedGraceMs });
  const base = { flow: flow.name, schedule: schedule.key, decidedAt: now };
  const missedOnes: Decision[] = missed.map((due) => ({ ...base, ...due, kind: "missed" }));
  if (mayOverlap(flow.overlap)) return { births: kept, decisions: missedOnes };

  const births = blockedBy === undefined ? kept.slice(0, 1) : [];
  const skipped: Decision[] = kept.slice(births.length).map((dueAt) => ({
    ...base,
    dueAt,
    kind: "skipped",
    reason: "the run before it was still open",
    ...(blockedBy === undefined ? {} : { blockedBy }),
  }));
  return { births, decisions: [...missedOnes, ...skipped] };
}
