import { durationMs } from "../domain/duration.ts";
import { readInstant } from "../domain/instant.ts";
import { CliFailure, EXIT } from "./failure.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A time that was: ISO 8601 with a zone, a day (midnight UTC), or a length of time before now (`7d`). One
 * without a zone is refused: the machine's zone is often not the one that is meant.
 */
export function pastTime(option: string, text: string, now: Date): string {
  const ago = durationMs(text);
  const at = ago === undefined ? readTime(text) : now.getTime() - ago;
  return isoText(at) ?? refuse(option, text, "how long ago such as 7d");
}

/** A time to come, written in the same ways, or as a length of time from now (`10m`). */
export function startTime(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const wait = durationMs(text);
  const at = wait === undefined ? readTime(text) : now.getTime() + wait;
  return isoText(at) ?? refuse("--at", text, "a wait such as 10m");
}

function readTime(text: string): number | undefined {
  return readInstant(DAY.test(text) ? `${text}T00:00Z` : text);
}

/** Undefined also for what lies beyond the years that can be written. */
function isoText(at: number | undefined): string | undefined {
  const text = at !== undefined && Math.abs(at) <= LAST ? new Date(at).toISOString() : "";
  return /^\d/.test(text) ? text : undefined;
}

/** The last instant that a Date can hold. */
const LAST = 8.64e15;

function refuse(option: string, text: string, orLength: string): never {
  throw new CliFailure(
    `Cannot read ${option} "${text}": expected a time with its zone such as 2026-01-31T08:00:00Z or 2026-01-31T08:00:00+01:00, a day such as 2026-01-31 (UTC), or ${orLength}`,
    EXIT.usage,
  );
}
