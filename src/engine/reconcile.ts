import { durationInWords } from "../domain/duration.ts";
import type { ScheduleSpec } from "../domain/flow.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { ScheduleTrouble } from "../domain/schedule-care.ts";
import { dueAfterCursor, type Entry } from "./schedule-entries.ts";

/** A due time that has not been dealt with for so long points at a fault. */
const BEHIND_MS = 300_000;
/** Cursors are never ahead of the clock, unless it was put back. */
const AHEAD_MS = 90_000;

/** Mends what can be mended of an entry; answers what cannot. */
export function reconcileEntry(entry: Entry, now: Instant): ScheduleTrouble | undefined {
  const { flow, schedule, cursor } = entry;
  if (cursor.at - now > AHEAD_MS) {
    entry.rewoundFrom = cursor.at;
    entry.cursor = { ...cursor, at: now };
    entry.dueAt = undefined;
  }
  entry.dueAt ??= dueAfterCursor(entry);
  const why = whatIsWrong(schedule, entry.dueAt, now);
  return why === undefined ? undefined : { flow: flow.name, schedule: schedule.key, why };
}

function whatIsWrong(
  schedule: ScheduleSpec,
  dueAt: Instant | undefined,
  now: Instant,
): string | undefined {
  if (dueAt === undefined) {
    return mayEnd(schedule) ? undefined : "it has no next due time";
  }
  const behindMs = now - dueAt;
  if (behindMs <= BEHIND_MS) return undefined;
  return `it was due at ${isoOf(dueAt)}, and that has not been dealt with for ${durationInWords(behindMs)}`;
}

/** Dates come to an end, and so does what has an `until`; a rhythm goes on for ever. */
function mayEnd({ timing, until }: ScheduleSpec): boolean {
  return until !== undefined || (timing.kind !== "cron" && timing.kind !== "every");
}
