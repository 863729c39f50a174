import { Cron } from "croner";

/** A cron expression, parsed: it matches local times ("wall times"), and knows nothing of time zones. */
export interface CronPattern {
  /** Whether the second, minute or hour field starts with `*` (cronie's rule): due by elapsed time. */
  readonly intervalLike: boolean;
  /** The first matching wall time at or after `from`, both in milliseconds as if the wall were in UTC. */
  firstMatch(from: number): number | undefined;
}

/** One parsed pattern of croner takes 83 KB, nearly all of it an array with a place for every year. */
const KEPT_MAX = 256;
const kept = new Map<string, CronPattern>();

/** Parses a cron expression, or answers the one parsed before. Throws what croner says of a wrong one. */
export function cronPattern(expression: string): CronPattern {
  const known = kept.get(expression);
  if (known !== undefined) return known;
  const pattern = parse(expression);
  for (const oldest of kept.keys()) {
    if (kept.size < KEPT_MAX) break;
    kept.delete(oldest);
  }
  kept.set(expression, pattern);
  return pattern;
}

function parse(expression: string): CronPattern {
  // An offset of zero makes croner count in wall times; with a zone it would be ten times slower.
  const cron = new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0 });
  return {
    intervalLike: isIntervalLike(expression.trim().toLowerCase()),
    firstMatch: (from) => cron.nextRun(new Date(from - 1))?.getTime(),
  };
}

function isIntervalLike(expression: string): boolean {
  if (expression.startsWith("@")) return expression === "@hourly";
  const fields = expression.split(/\s+/);
  return fields.slice(0, fields.length - 3).some((field) => /^[*?]/.test(field));
}
