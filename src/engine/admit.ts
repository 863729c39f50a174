import type { Decision } from "../domain/decision.ts";
import type { FlowSpec, ScheduleSpec } from "../domain/flow.ts";
import type { RunId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { keepOrMiss } from "../domain/missed.ts";
import { type OpenRun, overlapping } from "../domain/overlap.ts";

// In: a schedule's due times. Out: for each a run to be made, or the decision that it gets none.

export interface Admission {
  readonly births: readonly Instant[];
  readonly decisions: readonly Decision[];
  /** Open runs that make way for them. */
  readonly cancels: readonly RunId[];
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
  /** Due times that come after these and are due as well, counted up to the most that are caught up on. */
  readonly more?: number;
  /** The flow's open runs, oldest first, as many as its overlap policy needs to know. */
  readonly open: readonly OpenRun[];
}

/** Decides about due times, oldest first. */
export function admit({ flow, schedule, dues }: Waiting, moment: AdmitMoment): Admission {
  const { now, missedGraceMs, open, more = 0 } = moment;
  const { kept, missed } = keepOrMiss(dues, flow.missed, { now, graceMs: missedGraceMs, more });
  const { births, skipped, cancels } = overlapping(kept, ruleOf(flow), open);
  const base = { flow: flow.name, schedule: schedule.key, decidedAt: now };
  const decisions: readonly Decision[] = [
    ...missed.map((due) => ({ ...base, ...due, kind: "missed" as const })),
    ...skipped.map((due) => ({ ...base, ...due, kind: "skipped" as const })),
  ];
  return { births, decisions, cancels };
}

/** The flow's overlap policy, with its bounds. */
export function ruleOf({ overlap, maxQueued }: FlowSpec) {
  return { policy: overlap, maxQueued };
}
