/** A moment in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly __brand: "Instant" };

/** Reads a number of milliseconds since the epoch as an instant. */
export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

/** The instant `ms` milliseconds after `from`. */
export function later(from: Instant, ms: number): Instant {
  return (from + ms) as Instant;
}

/** Reads ISO 8601 with `Z` or an offset; undefined for anything else, and for a day that there is not. */
export function readInstant(text: string): Instant | undefined {
  try {
    return instant(Temporal.Instant.from(text).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The instant as ISO 8601 in UTC, with milliseconds. */
export function isoOf(at: Instant): string {
  // Runs that are made together are told of with the same times, one after the other.
  if (at !== lastIso.at) lastIso = { at, text: new Date(at).toISOString() };
  return lastIso.text;
}

let lastIso = { at: 0 as Instant, text: "1970-01-01T00:00:00.000Z" };

/** Where the present comes from: the wall clock in the daemon, a virtual one in tests. */
export type Clock = () => Instant;
