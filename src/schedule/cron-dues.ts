import type { Timing } from "../domain/flow.ts";
import { type Instant, instant } from "../domain/instant.ts";
import { type CronPattern, cronPattern } from "./cron-pattern.ts";
import { spanAt, type ZoneSpan } from "./zone-spans.ts";

type CronTiming = Extract<Timing, { kind: "cron" }>;

/** What a clock change does to a pattern's local times. */
export interface ClockRule {
  /** Due at the first instant after the gap, if a local time of the pattern lies in it. */
  readonly movesOutOfGap: boolean;
  /** Local times that occur twice are due the second time too. */
  readonly repeats: boolean;
}

/**
 * A local time that clock changes have left out for a hundred years is never due: 29 February on a Monday comes
 * after 40 at most. Each year has to be asked for its changes, and the daemon waits for the answer.
 */
const LOOK_AHEAD_MS = 100 * 366 * 86_400_000;

/** The first due time strictly after `after`, by cronie's rule for clock changes (docs/decisions/0001). */
export function nextCronDue(timing: CronTiming, after: Instant): Instant | undefined {
  const pattern = cronPattern(timing.cron);
  const rule = clockRule(timing, pattern);
  const firstMatch = remembering(pattern);
  let span = spanAt(timing.timezone, after);
  let due = dueWithin(span, rule, { firstMatch, from: after + 1 });
  while (due === "later" && span.end - after < LOOK_AHEAD_MS) {
    span = spanAt(timing.timezone, instant(span.end));
    due = dueFromStart(span, rule, firstMatch);
  }
  return typeof due === "number" ? instant(due) : undefined;
}

/** cronie's rule, and what a schedule's `dst` makes of it. */
export function clockRule({ dst }: CronTiming, { intervalLike }: CronPattern): ClockRule {
  const byElapsedTime = intervalLike || dst === "literal";
  return { movesOutOfGap: !byElapsedTime && dst === "once", repeats: byElapsedTime };
}

type FirstMatch = CronPattern["firstMatch"];

/** A due time, "later" if the next span has to be asked, "never" if no local time matches any more. */
type Due = number | "later" | "never";

/** A span asked from its beginning: the gap before it may hold local times that are due now. */
function dueFromStart(span: ZoneSpan, rule: ClockRule, firstMatch: FirstMatch): Due {
  const { start, offsetMs, offsetBeforeMs } = span;
  if (rule.movesOutOfGap && offsetMs > offsetBeforeMs) {
    const match = firstMatch(start + offsetBeforeMs);
    if (match !== undefined && match < start + offsetMs) return start;
  }
  return dueWithin(span, rule, { firstMatch, from: start });
}

function dueWithin(
  { start, end, offsetMs, offsetBeforeMs }: ZoneSpan,
  { repeats }: ClockRule,
  { firstMatch, from }: { readonly firstMatch: FirstMatch; readonly from: number },
): Due {
  // Local times before this one have been there already, before the clock was put back.
  const firstPass = repeats ? Number.NEGATIVE_INFINITY : start + offsetBeforeMs;
  const match = firstMatch(Math.max(from + offsetMs, firstPass));
  if (match === undefined) return "never";
  return match - offsetMs < end ? match - offsetMs : "later";
}

/** A rare pattern is asked again for every span up to its next match: the answer is the same. */
function remembering(pattern: CronPattern): FirstMatch {
  let known: { readonly from: number; readonly match: number | undefined } | undefined;
  return (from) => {
    if (known !== undefined && known.from <= from && from <= (known.match ?? from)) {
      return known.match;
    }
    const match = pattern.firstMatch(from);
    known = { from, match };
    return match;
  };
}
