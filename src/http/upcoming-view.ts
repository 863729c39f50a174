import type { FlowSpec, Timing } from "../domain/flow.ts";
import { type Instant, instant, isoOf } from "../domain/instant.ts";
import { type FlowDue, startOf, upcomingOf } from "../schedule/upcoming.ts";

/** Due times after `from` and up to `to`, at most `n`. */
export interface UpcomingQuery {
  readonly n: number;
  /** Now, without it. */
  readonly from?: Instant;
  readonly to?: Instant;
}

/** A due time as the API shows it. */
export interface UpcomingView {
  readonly flow: string;
  readonly schedule: string;
  /** ISO 8601 in UTC. */
  readonly dueAt: string;
  /** The same in the schedule's zone, which it names (RFC 9557). */
  readonly dueAtLocal: string;
  /** When the run is to start, where the schedule has a jitter. */
  readonly startsAt?: string;
  /** Set where a clock change touched this due time. */
  readonly dst?: "moved" | "merged" | "repeated";
  /** With `moved` and `merged`: the local times that it stands for. */
  readonly standsFor?: readonly string[];
}

/** The last instant that RFC 3339 can say. */
export const LAST_INSTANT = instant(Date.parse("9999-12-31T23:59:59.999Z"));

/** The due times of flows, soonest first, as the config says them: those of paused schedules are none. */
export function upcomingViews(
  flows: readonly FlowSpec[],
  { n, from, to = LAST_INSTANT }: UpcomingQuery,
  now: Instant,
): readonly UpcomingView[] {
  return upcomingOf(flows, { after: from ?? now, until: to, max: n }).map(upcomingView);
}

function upcomingView(due: FlowDue): UpcomingView {
  const { flow, schedule, dueAt, mark } = due;
  return {
    flow: flow.name,
    schedule: schedule.key,
    dueAt: isoOf(dueAt),
    dueAtLocal: localOf(dueAt, zoneOf(schedule.timing)),
    ...(schedule.jitterMs === 0 ? {} : { startsAt: isoOf(startOf(due)) }),
    ...mark,
  };
}

function zoneOf(timing: Timing): string {
  return timing.kind === "cron" ? timing.timezone : "UTC";
}

function localOf(at: Instant, timezone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toString();
}
