import { durationInWords } from "./duration.ts";
import type { ClockChange, ExplainFacts, Explanation, ScheduleFacts, Verdict } from "./explain.ts";
import { explainDue, pauseSentences, runSentence } from "./explain-due.ts";
import { isoOf } from "./instant.ts";

/** Schedules that one answer speaks of. */
const SPOKEN_OF_MAX = 10;

/** Says why a flow did, or did not, run at an instant; for one ahead, whether it will. */
export function explain(facts: ExplainFacts): Explanation {
  const { verdict, sentences } = ofSchedules(facts);
  const gone = facts.inConfig ? [] : [`The config has no flow "${facts.flow}" now.`];
  const asked = facts.byHand.map((run) => `Somebody asked for a run. ${runSentence(run)}`);
  return { verdict, sentences: [...gone, ...sentences, ...asked] };
}

function ofSchedules(facts: ExplainFacts): Explanation {
  const { schedules } = facts;
  if (schedules.length === 0) {
    const none = "It has no schedule: it runs when somebody asks for it.";
    return { verdict: "no-schedule", sentences: [none] };
  }
  const due = schedules.flatMap((of) =>
    of.dueAt === undefined ? [] : [explainDue({ facts, of, dueAt: of.dueAt })],
  );
  const told = due.length > 0 ? due : schedules.map((of) => explainNone(facts, of));
  const [first] = told;
  const shown = told.slice(0, SPOKEN_OF_MAX).flatMap(({ sentences }) => sentences);
  const more =
    told.length > SPOKEN_OF_MAX ? [`And ${told.length - SPOKEN_OF_MAX} more schedules.`] : [];
  // Of several that were due, one that has its run, or will, answers the question; of several that were not, any.
  const isTelling = ({ verdict }: Explanation) =>
    due.length > 0 ? OF_A_RUN.includes(verdict) : verdict === "not-due";
  return {
    verdict: (told.find(isTelling) ?? first)?.verdict ?? "no-schedule",
    sentences: [...shown, ...more],
  };
}

const OF_A_RUN: readonly Verdict[] = ["ran", "runs", "waits", "cancelled", "will-run"];

/** The schedule names no due time there. */
function explainNone(facts: ExplainFacts, of: ScheduleFacts): Explanation {
  const name = `Schedule "${of.schedule}" (${of.words})`;
  if (of.life === undefined) return notInForce(name, facts, of);
  const over = overSince(facts, of);
  if (over !== undefined) return { verdict: "over", sentences: [`${name} was over: ${over}.`] };
  if (of.life.rule.timing.kind === "start") {
    const sentences = [`${name} is due whenever the daemon starts.`, ...startSentences(of, facts)];
    const rest = restSentences(facts, of);
    const isPaused = rest.length > 0 && of.lastStart?.run === undefined;
    return { verdict: isPaused ? "paused" : "not-due", sentences: [...sentences, ...rest] };
  }
  const verb = facts.at > facts.now ? "is" : "was";
  const changes = of.clockChange === undefined ? [] : [clockChangeSentence(of.clockChange)];
  const not = `${name} ${verb} not due at ${isoOf(facts.at)}${nearestOf(of)}.`;
  return { verdict: "not-due", sentences: [not, ...changes, ...restSentences(facts, of)] };
}

/** What the last start of the daemon made of a schedule that follows its starts. */
function startSentences(
  { lastStart, life }: ScheduleFacts,
  { keptSince }: ExplainFacts,
): readonly string[] {
  if (lastStart === undefined) return ["No start of the daemon before that is on record."];
  const { at, run, decision } = lastStart;
  const started = `The daemon last started at ${isoOf(at)}.`;
  if (run !== undefined) return [started, runSentence(run)];
  if (decision !== undefined) {
    return [started, `That start was ${decision.kind}: ${decision.reason}.`];
  }
  if (life !== undefined && life.beganAt > at && life.generation > 1) {
    const since = `it is in force since ${isoOf(life.beganAt)}`;
    return [started, `That start has no run: the config had no such schedule yet (${since}).`];
  }
  return [
    started,
    at < keptSince
      ? "Runs of that time have been deleted."
      : "There is no run of that start on record.",
  ];
}

function overSince({ at }: ExplainFacts, { life, previousDueAt, nextDueAt }: ScheduleFacts) {
  const { until, timing } = life?.rule ?? {};
  if (until !== undefined && until < at) return `it was due until ${isoOf(until)}`;
  if (timing?.kind !== "at" || nextDueAt !== undefined || previousDueAt === undefined) return;
  return `its last date was ${isoOf(previousDueAt)}`;
}

function nearestOf({ previousDueAt: last, nextDueAt: next }: ScheduleFacts): string {
  const near = [
    ...(last === undefined ? [] : [`before it ${isoOf(last)}`]),
    ...(next === undefined ? [] : [`after it ${isoOf(next)}`]),
  ];
  return near.length === 0 ? "" : `; the nearest due times are ${near.join(" and ")}`;
}

function notInForce(name: string, facts: ExplainFacts, of: ScheduleFacts): Explanation {
  const sentences = [`${name} was not in the config then${forceSpan(of)}.`];
  return { verdict: "not-in-force", sentences: [...sentences, ...nextSentences(facts, of)] };
}

function forceSpan({ firstBeganAt: since, lastEndedAt: until }: ScheduleFacts): string {
  if (since === undefined) return "";
  return until === undefined
    ? `: it is in force since ${isoOf(since)}, and a new schedule does not make up for what was before`
    : `: it was in force between ${isoOf(since)} and ${isoOf(until)}`;
}

/** When a schedule that is in force now is due next, if it does not rest. */
function nextSentences(facts: ExplainFacts, of: ScheduleFacts): readonly string[] {
  const { nextDueAt, previousDueAt } = of;
  if (nextDueAt === undefined) {
    return previousDueAt === undefined
      ? []
      : [`It is not due any more: its last due time was ${isoOf(previousDueAt)}.`];
  }
  const rest = restSentences(facts, of);
  const verb = rest.length === 0 ? "is" : "would be";
  return [`It ${verb} due next at ${isoOf(nextDueAt)}.`, ...rest];
}

/** Why a schedule rests: of what is ahead, by what holds now. */
function restSentences(facts: ExplainFacts, of: ScheduleFacts): readonly string[] {
  const isNextAhead = of.nextDueAt !== undefined && of.nextDueAt > facts.now;
  const inConfig = of.restsInConfig ? ["The config says paused: true of this schedule."] : [];
  return [...inConfig, ...pauseSentences(isNextAhead ? facts.pausesNow : facts.pauses, of)];
}

function clockChangeSentence({ at, timezone, byMs }: ClockChange): string {
  const by = durationInWords(Math.abs(byMs));
  return byMs > 0
    ? `The clocks of ${timezone} are put forward by ${by} at ${isoOf(at)}: the local times between do not exist that day.`
    : `The clocks of ${timezone} are put back by ${by} at ${isoOf(at)}: the local times before come twice that day.`;
}
