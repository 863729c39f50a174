import { durationMs } from "../domain/duration.ts";
import { CliFailure, EXIT } from "./failure.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/**
 * A time that was: ISO 8601 with a zone, a day (midnight UTC), or a length of time before now (`7d`). One
 * without a zone is refused: the machine's zone is often not the one that is meant.
 */
export function pastTime(option: string, text: string, now: Date): string {
  const ago = durationMs(text);
  if (ago !== undefined) return new Date(now.getTime() - ago).toISOString();
  const at = DAY.test(text) || ZONED.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new CliFailure(
    `Cannot read ${option} "${text}": expected a time with its zone such as 2026-01-31T08:00:00Z or 2026-01-31T08:00:00+01:00, a day such as 2026-01-31 (UTC), or how long ago such as 7d`,
    EXIT.usage,
  );
}
