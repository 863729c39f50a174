import type { Timing } from "../domain/flow.ts";
import type { Instant } from "../domain/instant.ts";
import { clockMark } from "./clock-mark.ts";

const LISTED_MAX = 12;

/** What a clock change made of a due time, for people who look at its run; empty for most. */
export function clockNote(timing: Timing, due: Instant): string {
  const mark = clockMark(timing, due);
  if (mark === undefined || timing.kind !== "cron") return "";
  const zone = `a clock change (${timing.timezone})`;
  const local = Temporal.Instant.fromEpochMilliseconds(due).toZonedDateTimeISO(timing.timezone);
  const time = (wall: string) => shortTime(Temporal.PlainDateTime.from(wall), local);
  const there = shortTime(local.toPlainDateTime(), local);
  switch (mark.dst) {
    case "moved":
      return `due ${mark.standsFor.map(time).join()}, moved to ${there} by ${zone}`;
    case "merged": {
      const listed = mark.standsFor.slice(0, LISTED_MAX).map(time).join(", ");
      const more = mark.standsFor.length > LISTED_MAX ? " and more" : "";
      return `due ${listed}${more}: made one run at ${there} by ${zone}`;
    }
    case "repeated":
      return `due ${there} for the second time, by ${zone}`;
  }
}

/** The time of day, with its date only where that is another than that of `local`. */
function shortTime(wall: Temporal.PlainDateTime, local: Temporal.ZonedDateTime): string {
  const isSameDay = wall.toPlainDate().equals(local.toPlainDate());
  const time = wall.toPlainTime().toString({
    smallestUnit: wall.second === 0 ? "minute" : "second",
  });
  return isSameDay ? time : `${wall.toPlainDate().toString()} ${time}`;
}
