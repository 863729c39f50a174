import type { FlowSpec, ScheduleSpec, Timing } from "../domain/flow.ts";
import { type Instant, instant, later } from "../domain/instant.ts";
import { type ClockMark, clockMark } from "./clock-mark.ts";
import { type DueRange, duesBetween, nextDue } from "./due-times.ts";
import { jitterMs } from "./jitter.ts";

/** A due time, and what a clock change made of it, if one did. */
export interface DueTime {
  readonly dueAt: Instant;
  readonly mark?: ClockMark;
}

/** The due times of a range, oldest first, each with its mark. */
export function upcoming(timing: Timing, range: DueRange): readonly DueTime[] {
  return duesBetween(timing, range).map((dueAt) => {
    const mark = clockMark(timing, dueAt);
    return { dueAt, ...(mark === undefined ? {} : { mark }) };
  });
}

/** A due time of a flow's schedule. */
export interface FlowDue extends DueTime {
  readonly flow: FlowSpec;
  readonly schedule: ScheduleSpec;
}

/** The first due times of all schedules of flows, oldest first; those of paused schedules are none. */
export function upcomingOf(flows: readonly FlowSpec[], range: DueRange): readonly FlowDue[] {
  const first = firstDues(flows, range).slice(0, range.max);
  // As many are due by then at the least: later ones need not be looked for.
  const until = first.length < range.max ? range.until : (first.at(-1)?.dueAt ?? range.until);
  return first
    .flatMap(({ flow, schedule }) =>
      duesOf(schedule, { ...range, until }).map((dueAt) => ({ flow, schedule, dueAt })),
    )
    .sort((one, other) => one.dueAt - other.dueAt)
    .slice(0, range.max)
    .map((due) => {
      const mark = clockMark(due.schedule.timing, due.dueAt);
      return mark === undefined ? due : { ...due, mark };
    });
}

/** The first due time of each schedule that has one, soonest first. */
function firstDues(flows: readonly FlowSpec[], range: DueRange): readonly FlowDue[] {
  return flows
    .flatMap((flow) => flow.schedules.map((schedule) => ({ flow, schedule })))
    .filter(({ schedule }) => !schedule.paused)
    .flatMap((one) =>
      duesOf(one.schedule, { ...range, max: 1 }).map((dueAt) => ({ ...one, dueAt })),
    )
    .sort((one, other) => one.dueAt - other.dueAt);
}

function duesOf({ timing, until }: ScheduleSpec, range: DueRange): readonly Instant[] {
  return duesBetween(timing, {
    ...range,
    until: instant(Math.min(range.until, until ?? range.until)),
  });
}

/** When the run of a due time is to start: later by the schedule's jitter, which is the same after a restart. */
export function startOf({ flow, schedule, dueAt }: Omit<FlowDue, "mark">): Instant {
  if (schedule.jitterMs === 0) return dueAt;
  const next = nextDue(schedule.timing, dueAt);
  return later(dueAt, jitterMs(flow.name, { due: dueAt, next }, schedule.jitterMs));
}
