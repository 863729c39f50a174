import type { Timing } from "../domain/flow.ts";
import { type Instant, instant } from "../domain/instant.ts";
import { nextDue } from "./due-times.ts";

const FIRST_LOOK_MS = 120_000;
/** A pattern such as 29 February on a Monday comes again after at most 40 years. */
const LOOK_BACK_MAX_MS = 41 * 366 * 86_400_000;

/** The last due time at or before `at`; undefined if there was none for a lifetime. */
export function previousDue(timing: Timing, at: Instant): Instant | undefined {
  let low = someDueBefore(timing, at);
  if (low === undefined) return undefined;
  let high: number = at + 1;
  while (high - low > 1) {
    const middle = instant(Math.floor((low + high) / 2));
    const due = nextDue(timing, middle);
    if (due !== undefined && due <= at) low = due;
    else high = middle;
  }
  return low;
}

function someDueBefore(timing: Timing, at: Instant): Instant | undefined {
  for (let lookMs = FIRST_LOOK_MS; ; lookMs *= 8) {
    const due = nextDue(timing, instant(at - Math.min(lookMs, LOOK_BACK_MAX_MS) - 1));
    if (due !== undefined && due <= at) return due;
    if (lookMs >= LOOK_BACK_MAX_MS) return undefined;
  }
}
