import type { ScheduleSpec } from "../domain/flow.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import { nextDueOf } from "../schedule/due-times.ts";

/** A due time that only one of two schedules has. */
export interface FirstDifference {
  /** In ISO 8601. */
  readonly dueAt: string;
  readonly change: "appears" | "disappears";
}

/** How many pairs of due times are looked at for one schedule: an hourly one's of two years. */
const LOOKS_EACH_MAX = 20_000;
/** The same for all schedules of a config: thousands may be edited. */
const LOOKS_MAX = 200_000;

/** Finds the first due time after `now` that one schedule has and the other has not, if there is one. */
export type FindFirst = (
  before: ScheduleSpec | undefined,
  after: ScheduleSpec | undefined,
) => FirstDifference | undefined;

/** For the schedules of one comparison. */
export function firstDifferences(now: Instant): FindFirst {
  let looks = LOOKS_MAX;
  return (before, after) => {
    const [olds, news] = [duesAfter(before, now), duesAfter(after, now)];
    for (const least = looks - LOOKS_EACH_MAX; looks > Math.max(0, least); looks -= 1) {
      const [old, fresh] = [olds.next().value, news.next().value];
      if (old === undefined || old !== fresh) return earlierOf(old, fresh);
    }
    return undefined;
  };
}

function earlierOf(
  old: Instant | undefined,
  fresh: Instant | undefined,
): FirstDifference | undefined {
  if (fresh !== undefined && (old === undefined || fresh < old)) {
    return { dueAt: isoOf(fresh), change: "appears" };
  }
  return old === undefined ? undefined : { dueAt: isoOf(old), change: "disappears" };
}

/** When a schedule is due after `now`, oldest first. */
function* duesAfter(
  schedule: ScheduleSpec | undefined,
  now: Instant,
): Generator<Instant, undefined> {
  if (schedule === undefined || schedule.paused) return;
  for (let due = nextDueOf(schedule, now); due !== undefined; due = nextDueOf(schedule, due))
    yield due;
}
