const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** A length of time as people write it in a config: `"30s"`, `"1h30m"`, or a number of milliseconds. */
export type Duration = string | number;

/** A hundred years: from any time of today it leads to a time that can be written down. */
export const LONGEST_MS = 36_500 * UNIT_MS.d;

/**
 * Milliseconds of a duration: a number that is not negative (milliseconds), or a text such as `"500ms"`,
 * `"30s"`, `"1h30m"`, `"90d"`. Answers undefined for anything else, and for more than 36500 days.
 */
export function durationMs(duration: unknown): number | undefined {
  const ms = unboundedMs(duration);
  return ms === undefined || ms > LONGEST_MS ? undefined : ms;
}

/** The same, however long it is. */
export function unboundedMs(duration: unknown): number | undefined {
  if (typeof duration === "number") {
    return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  }
  if (typeof duration !== "string" || !WHOLE.test(duration)) return undefined;
  let total = 0;
  for (const [, count, unit] of duration.matchAll(PART)) {
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return Number.isFinite(total) ? total : undefined;
}

/** A length of time for people: `"850ms"`, `"12.4s"`, `"3m 20s"`, `"2h 5m"`, `"4d 3h"`. */
export function durationInWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${trimmed(ms / 1_000)}s`;
  if (ms < 3_600_000) return twoParts(ms, ["m", 60_000], ["s", 1_000]);
  if (ms < 86_400_000) return twoParts(ms, ["h", 3_600_000], ["m", 60_000]);
  return twoParts(ms, ["d", 86_400_000], ["h", 3_600_000]);
}

type Part = readonly [unit: string, ms: number];

function twoParts(ms: number, [big, bigMs]: Part, [small, smallMs]: Part): string {
  const rest = Math.floor((ms % bigMs) / smallMs);
  return rest === 0
    ? `${Math.floor(ms / bigMs)}${big}`
    : `${Math.floor(ms / bigMs)}${big} ${rest}${small}`;
}

function trimmed(seconds: number): string {
  return (Math.floor(seconds * 10) / 10).toString();
}
