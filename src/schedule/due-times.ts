import type { ScheduleSpec, Timing } from "../domain/flow.ts";
import { type Instant, instant } from "../domain/instant.ts";
import { nextCronDue } from "./cron-dues.ts";

/** The first due time strictly after `after`; undefined if there is none any more, or if none can be told. */
export function nextDue(timing: Timing, after: Instant): Instant | undefined {
  switch (timing.kind) {
    case "cron":
      return nextCronDue(timing, after);
    case "every":
      return nextEvery(timing.anchor, timing.everyMs, after);
    case "at":
      return firstAfter(timing.at, after);
    case "start":
      return undefined;
  }
}

/** The same for a schedule, which may have an end. */
export function nextDueOf(
  { timing, until }: Pick<ScheduleSpec, "timing" | "until">,
  after: Instant,
): Instant | undefined {
  const next = nextDue(timing, after);
  return next === undefined || until === undefined || next <= until ? next : undefined;
}

/** Which due times to list: strictly after `after`, `until` included, the first `max` of them. */
export interface DueRange {
  readonly after: Instant;
  readonly until: Instant;
  readonly max: number;
}

/** The due times of a range, oldest first. */
export function duesBetween(timing: Timing, { after, until, max }: DueRange): readonly Instant[] {
  const dues: Instant[] = [];
  let due = nextDue(timing, after);
  while (due !== undefined && due <= until && dues.length < max) {
    dues.push(due);
    due = nextDue(timing, due);
  }
  return dues;
}

/** The anchor is a point in the rhythm, not its beginning: there are due times before it too. */
function nextEvery(anchor: Instant, everyMs: number, after: Instant): Instant {
  return instant(anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs);
}

/** `sorted` is sorted, as readTiming leaves it. */
function firstAfter(sorted: readonly Instant[], after: Instant): Instant | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? after) > after) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
}
