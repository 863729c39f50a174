import { durationInWords } from "./duration.ts";
import type { Absence, ExplainFacts, Explanation, ScheduleFacts } from "./explain.ts";
import type { OverlapPolicy } from "./flow.ts";
import { type Instant, isoOf } from "./instant.ts";
import type { Run } from "./run.ts";
import { pauseInWords, type SchedulePause, schedulePauseView } from "./schedule-pause.ts";
import { isTerminal } from "./state.ts";

/** What became of a due time, or will. */
export interface DueCase {
  readonly facts: ExplainFacts;
  readonly of: ScheduleFacts;
  readonly dueAt: Instant;
}

/** Explains one due time of one schedule. */
export function explainDue(due: DueCase): Explanation {
  const { verdict, sentences } =
    withRun(due) ?? withDecision(due) ?? atRest(due) ?? (isAhead(due) ? ahead(due) : behind(due));
  return { verdict, sentences: [dueSentence(due), ...clockSentences(due), ...sentences] };
}

/** The pauses that hold for a schedule, in words. */
export function pauseSentences(
  pauses: readonly SchedulePause[],
  { schedule }: ScheduleFacts,
): readonly string[] {
  return pauses
    .filter((pause) => pause.schedule === undefined || pause.schedule === schedule)
    .map((pause) => {
      const what = pause.schedule === undefined ? "The flow" : `Schedule "${pause.schedule}"`;
      const verb = pause.until === undefined ? "is" : "was";
      return `${what} ${verb} ${pauseInWords(schedulePauseView(pause))}.`;
    });
}

/** What has become of a run, with its name. */
export function runSentence(run: Run): string {
  const { name, state, startedAt, endedAt } = run;
  const why = state.message === "" ? "" : `: ${state.message}`;
  if (isTerminal(state.type) && startedAt === undefined) {
    return `Run "${name}" was not started and is ${state.name} since ${isoOf(state.at)}${why}.`;
  }
  if (isTerminal(state.type)) {
    return `Run "${name}" was started at ${isoOf(startedAt ?? state.at)}${lateness(run)}, and ended ${state.name} at ${isoOf(endedAt ?? state.at)}${why}.`;
  }
  if (state.type === "SCHEDULED" && startedAt === undefined) {
    return `Run "${name}" waits to be started (${state.name}${why}).`;
  }
  return `Run "${name}" was started at ${isoOf(startedAt ?? state.at)}${lateness(run)}, and is ${state.name}${why}.`;
}

function lateness({ startedAt, scheduledFor, backfill }: Run): string {
  if (startedAt === undefined || scheduledFor === undefined || backfill !== undefined) return "";
  const lateMs = startedAt - scheduledFor;
  return lateMs < 1 ? "" : `, ${durationInWords(lateMs)} after the due time`;
}

function dueSentence({ facts, of, dueAt }: DueCase): string {
  const verb = dueAt > facts.now ? "is" : "was";
  const { schedule, words, startsAt } = of;
  const start =
    startsAt === undefined || startsAt === dueAt
      ? ""
      : `; its jitter lets the run start at ${isoOf(startsAt)}`;
  return `Schedule "${schedule}" (${words}) ${verb} due at ${isoOf(dueAt)}${start}.`;
}

function clockSentences({ of: { dst, standsFor = [] } }: DueCase): readonly string[] {
  if (dst === undefined) return [];
  const times = standsFor.join(", ");
  const sentences = {
    moved: `It stands for the local time ${times}, which the clocks left out.`,
    merged: `It stands for several local times, some of which the clocks left out: ${times}.`,
    repeated: "Its local time came twice that day, and this was the second time.",
  };
  return [sentences[dst]];
}

function withRun({ of }: DueCase): Explanation | undefined {
  const { run, decision } = of;
  if (run === undefined) return undefined;
  const from = run.backfill === undefined ? [] : [`It was made by backfill ${run.backfill}.`];
  const before =
    decision === undefined ? [] : [`Before that it was ${decision.kind}: ${decision.reason}.`];
  return { verdict: verdictOf(run), sentences: [runSentence(run), ...from, ...before] };
}

function verdictOf({ state, startedAt }: Run): Explanation["verdict"] {
  if (isTerminal(state.type)) return startedAt === undefined ? "cancelled" : "ran";
  return state.type === "SCHEDULED" ? "waits" : "runs";
}

function withDecision({ of }: DueCase): Explanation | undefined {
  const { decision, blockedBy, absence } = of;
  if (decision === undefined) return undefined;
  const { kind, reason, decidedAt } = decision;
  const decided = `It was ${kind}: ${reason} (decided at ${isoOf(decidedAt)}).`;
  const blocked = blockedBy === undefined ? goneBlocker(of) : [runSentence(blockedBy)];
  const away = kind === "missed" && absence !== undefined ? [absenceSentence(absence)] : [];
  return { verdict: kind, sentences: [decided, ...blocked, ...away] };
}

function goneBlocker({ decision }: ScheduleFacts): readonly string[] {
  return decision?.blockedBy === undefined
    ? []
    : [`Run ${decision.blockedBy} stood in the way; it is no longer kept.`];
}

function absenceSentence(absence: Absence): string {
  if (absence.kind === "jump") {
    return `The clock jumped from ${isoOf(absence.from)} to ${isoOf(absence.to)}: the machine slept, or its clock was set.`;
  }
  const { from, to, clean } = absence;
  const until = to === undefined ? "" : ` to ${isoOf(to)}`;
  if (from === undefined) return `No daemon had worked on this store before${until.slice(3)}.`;
  const how = clean ? "it was stopped" : "it was last known to live then";
  return `The daemon was down from ${isoOf(from)}${until} (${how}).`;
}

function atRest({ facts, of }: DueCase): Explanation | undefined {
  const pauses = pauseSentences(facts.pauses, of);
  if (pauses.length > 0) return { verdict: "paused", sentences: pauses };
  if (of.life?.rule.paused !== true) return undefined;
  const since = `since ${isoOf(of.life.beganAt)}`;
  return {
    verdict: "paused-in-config",
    sentences: [`The config says paused: true of this schedule ${since}.`],
  };
}

function isAhead({ facts, dueAt }: DueCase): boolean {
  return dueAt > facts.now;
}

function ahead(due: DueCase): Explanation {
  const { openRun, overlap = "skip" } = due.facts;
  const rival = rivalOf(due, overlap);
  if ((openRun === undefined && rival === undefined) || overlap === "allow") {
    return { verdict: "will-run", sentences: ["Nothing stands in its way as things are now."] };
  }
  const open = openRun === undefined ? [] : [runSentence(openRun), IF_STILL_OPEN[overlap]];
  const beside =
    rival === undefined
      ? []
      : [`Schedule "${rival}" is due at the same time: ${FOR_A_RIVAL[overlap]} it.`];
  return {
    verdict: overlap === "skip" ? "may-be-skipped" : "will-run",
    sentences: [...open, ...beside],
  };
}

/**
 * Another schedule of the flow that is due at that instant, does not rest, and comes first. They go in the order of
 * the config; the last one comes first where it cancels those before it.
 */
function rivalOf({ facts, of, dueAt }: DueCase, overlap: OverlapPolicy): string | undefined {
  const place = facts.schedules.indexOf(of);
  const first =
    overlap === "cancel-running"
      ? facts.schedules.slice(place + 1)
      : facts.schedules.slice(0, place);
  return first.find(
    (other) => other.dueAt === dueAt && atRest({ facts, of: other, dueAt }) === undefined,
  )?.schedule;
}

const FOR_A_RIVAL = {
  skip: "this one is skipped for",
  "queue-one": "this one waits for",
  "queue-all": "this one waits for",
  "cancel-running": "this one is cancelled for",
} as const;

const IF_STILL_OPEN = {
  skip: "If it is still open then, this due time is skipped (overlap: skip).",
  "queue-one": "If it is still open then, this one waits for it (overlap: queue-one).",
  "queue-all": "If it is still open then, this one waits for it (overlap: queue-all).",
  "cancel-running":
    "If it is still open then, it is cancelled for this one (overlap: cancel-running).",
} as const;

/** Its time has come, and there is neither a run nor a decision. */
function behind({ facts, of, dueAt }: DueCase): Explanation {
  const { life, absence, dealtUntil } = of;
  const away = absence === undefined ? [] : [absenceSentence(absence)];
  if (dueAt < facts.keptSince) {
    const kept = `Runs and decisions older than ${isoOf(facts.keptSince)} have been deleted.`;
    return { verdict: "forgotten", sentences: [kept] };
  }
  if (life?.endedAt !== undefined) {
    const end = `The config changed or removed this schedule at ${isoOf(life.endedAt)}: what had not been dealt with by then is not made up for.`;
    return { verdict: "changed", sentences: [...away, end] };
  }
  if (dealtUntil !== undefined && dealtUntil < dueAt) {
    const since = durationInWords(facts.now - dueAt);
    return { verdict: "pending", sentences: [`It is being dealt with, for ${since} now.`] };
  }
  return { verdict: "no-record", sentences: [...away, "There is no record of it."] };
}
