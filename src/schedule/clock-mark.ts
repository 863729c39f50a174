import type { Timing } from "../domain/flow.ts";
import type { Instant } from "../domain/instant.ts";
import { clockRule } from "./cron-dues.ts";
import { type CronPattern, cronPattern } from "./cron-pattern.ts";
import { spanAt, type ZoneSpan } from "./zone-spans.ts";

/**
 * What a clock change made of a due time: it was `moved` out of a gap, several local times of the gap were
 * `merged` into it, or its local time occurs there for the second time.
 */
export type ClockMark =
  | {
      readonly dst: "moved" | "merged";
      /** The local times that it stands for, such as `2027-03-14T02:30:00`; at most 100. */
      readonly standsFor: readonly string[];
    }
  | { readonly dst: "repeated" };

const STANDS_FOR_MAX = 100;

/** The mark of a due time of this timing; undefined for most. */
export function clockMark(timing: Timing, due: Instant): ClockMark | undefined {
  if (timing.kind !== "cron") return undefined;
  const span = spanAt(timing.timezone, due);
  const place = placeIn(span, due);
  if (place === "elsewhere") return undefined;
  const pattern = cronPattern(timing.cron);
  const { movesOutOfGap, repeats } = clockRule(timing, pattern);
  if (place === "second-pass") return repeats ? { dst: "repeated" } : undefined;
  return movesOutOfGap ? markAfterGap(pattern, span) : undefined;
}

/** Where a due time lies to the clock change before it; nearly all have nothing to do with one. */
function placeIn({ start, offsetMs, offsetBeforeMs }: ZoneSpan, due: Instant) {
  if (due + offsetMs < start + offsetBeforeMs) return "second-pass";
  return due === start && offsetMs > offsetBeforeMs ? "after-gap" : "elsewhere";
}

function markAfterGap(
  pattern: CronPattern,
  { start, offsetMs, offsetBeforeMs }: ZoneSpan,
): ClockMark | undefined {
  // The end of the gap counts too: what is named for it falls together with what was moved to it.
  const named = matches(pattern.firstMatch, start + offsetBeforeMs, start + offsetMs);
  if (named[0] === undefined || named[0] === start + offsetMs) return undefined;
  return { dst: named.length === 1 ? "moved" : "merged", standsFor: named.map(localText) };
}

function matches(
  firstMatch: (from: number) => number | undefined,
  from: number,
  until: number,
): readonly number[] {
  const found: number[] = [];
  let match = firstMatch(from);
  while (match !== undefined && match <= until && found.length < STANDS_FOR_MAX) {
    found.push(match);
    match = firstMatch(match + 1_000);
  }
  return found;
}

function localText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19);
}
