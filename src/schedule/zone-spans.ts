import { type Instant, instant } from "../domain/instant.ts";

/** A stretch of time in which a zone's clock is not changed: wall time = instant + offset. */
export interface ZoneSpan {
  /** The first instant; -Infinity where the zone never changed before. */
  readonly start: number;
  /** The first instant after; Infinity where it never changes again. */
  readonly end: number;
  readonly offsetMs: number;
  /** The offset before `start`: greater means that the clock was put back, smaller that it was put forward. */
  readonly offsetBeforeMs: number;
}

const latest = new Map<string, ZoneSpan>();

/** The span of `timezone` in which `at` lies. The one asked for last is kept: callers go forward in time. */
export function spanAt(timezone: string, at: Instant): ZoneSpan {
  const known = latest.get(timezone);
  if (known !== undefined && known.start <= at && at < known.end) return known;
  const span = findSpan(timezone, at);
  latest.set(timezone, span);
  return span;
}

/** Whether the platform knows a time zone of this name. */
export function isTimezone(name: string): boolean {
  try {
    zoned(name, instant(0));
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function findSpan(timezone: string, at: Instant): ZoneSpan {
  const offsetMs = offsetAt(timezone, at);
  // "previous" is strictly before: ask from a millisecond later, to find a change at `at` itself.
  const start = changeFrom(timezone, instant(at + 1), "previous");
  const end = changeFrom(timezone, at, "next");
  return {
    start: start ?? Number.NEGATIVE_INFINITY,
    end: end ?? Number.POSITIVE_INFINITY,
    offsetMs,
    offsetBeforeMs: start === undefined ? offsetMs : offsetAt(timezone, instant(start - 1)),
  };
}

function changeFrom(timezone: string, at: Instant, direction: "next" | "previous") {
  return zoned(timezone, at).getTimeZoneTransition(direction)?.epochMilliseconds;
}

function offsetAt(timezone: string, at: Instant): number {
  return zoned(timezone, at).offsetNanoseconds / 1_000_000;
}

function zoned(timezone: string, at: Instant): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
}
