import { type DecisionView, decisionView } from "../domain/decision.ts";
import type { Absence, ExplainFacts, ScheduleFacts } from "../domain/explain.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import { type RunView, runView } from "../domain/run-view.ts";
import type { Explained } from "../domain/schedule-care.ts";
import { type SchedulePauseView, schedulePauseView } from "../domain/schedule-pause.ts";
import { LAST_INSTANT } from "./upcoming-view.ts";

/** The answer to "why did it not run?", and what it was drawn from. Times are ISO 8601 in UTC. */
export interface ExplainView {
  readonly verdict: string;
  readonly sentences: readonly string[];
  readonly facts: ExplainFactsView;
}

export interface ExplainFactsView {
  readonly flow: string;
  readonly inConfig: boolean;
  readonly at: string;
  readonly schedules: readonly ScheduleFactsView[];
  readonly pauses: readonly SchedulePauseView[];
  readonly byHand: readonly RunView[];
  readonly overlap?: string;
  readonly openRun?: RunView;
  readonly config: { readonly generation: number; readonly acceptedAt: string };
  readonly keptSince: string;
}

export interface ScheduleFactsView {
  readonly schedule: string;
  readonly words: string;
  /** Set where the config had it then. */
  readonly inForce?: {
    readonly since: string;
    readonly until?: string;
    readonly generation: number;
  };
  readonly pausedInConfig?: true;
  readonly dueAt?: string;
  readonly startsAt?: string;
  readonly dst?: ScheduleFacts["dst"];
  readonly standsFor?: readonly string[];
  readonly clockChange?: { readonly at: string; readonly timezone: string; readonly byMs: number };
  readonly previousDueAt?: string;
  readonly nextDueAt?: string;
  readonly run?: RunView;
  readonly decision?: DecisionView;
  readonly blockedBy?: RunView;
  readonly absence?: AbsenceView;
}

export interface AbsenceView {
  readonly kind: Absence["kind"];
  readonly from?: string;
  readonly to?: string;
  readonly clean?: boolean;
}

export function explainView({ explanation, facts }: Explained): ExplainView {
  return { ...explanation, facts: factsView(facts) };
}

function factsView(facts: ExplainFacts): ExplainFactsView {
  const { flow, inConfig, at, schedules, pauses, byHand, overlap, openRun, config } = facts;
  return {
    flow,
    inConfig,
    at: isoOf(at),
    schedules: schedules.map(scheduleFactsView),
    pauses: pauses.map(schedulePauseView),
    byHand: byHand.map(runView),
    ...(overlap === undefined ? {} : { overlap }),
    ...(openRun === undefined ? {} : { openRun: runView(openRun) }),
    config: { generation: config.generation, acceptedAt: isoOf(config.acceptedAt) },
    keptSince: isoOf(facts.keptSince),
  };
}

function scheduleFactsView(facts: ScheduleFacts): ScheduleFactsView {
  const { schedule, words, life, dst, standsFor, clockChange, run, decision, blockedBy, absence } =
    facts;
  return {
    schedule,
    words,
    ...inForce(life),
    ...times(facts),
    ...(dst === undefined ? {} : { dst }),
    ...(standsFor === undefined ? {} : { standsFor }),
    ...(clockChange === undefined
      ? {}
      : { clockChange: { ...clockChange, at: isoOf(clockChange.at) } }),
    ...(run === undefined ? {} : { run: runView(run) }),
    ...(decision === undefined ? {} : { decision: decisionView(decision) }),
    ...(blockedBy === undefined ? {} : { blockedBy: runView(blockedBy) }),
    ...(absence === undefined ? {} : { absence: absenceView(absence) }),
  };
}

function inForce(life: ScheduleFacts["life"]): Partial<ScheduleFactsView> {
  if (life === undefined) return {};
  const { beganAt, endedAt, generation, rule } = life;
  return {
    inForce: { since: isoOf(beganAt), ...iso("until", endedAt), generation },
    ...(rule.paused ? { pausedInConfig: true } : {}),
  };
}

function times({ dueAt, startsAt, previousDueAt, nextDueAt }: ScheduleFacts) {
  return {
    ...iso("dueAt", dueAt),
    ...(startsAt === dueAt ? {} : iso("startsAt", startsAt)),
    ...iso("previousDueAt", previousDueAt),
    ...iso("nextDueAt", nextDueAt),
  };
}

function absenceView(absence: Absence): AbsenceView {
  const { kind, from, to } = absence;
  const more = kind === "down" ? { clean: absence.clean } : {};
  return { kind, ...iso("from", from), ...iso("to", to), ...more };
}

function iso<Key extends string>(
  key: Key,
  at: Instant | undefined,
): { readonly [K in Key]?: string } {
  return (at === undefined || at > LAST_INSTANT ? {} : { [key]: isoOf(at) }) as {
    readonly [K in Key]?: string;
  };
}
