import { durationInWords } from "../domain/duration.ts";
import type { ScheduleView } from "../http/flow-view.ts";
import type { UpcomingView } from "../http/upcoming-view.ts";
import type { Table } from "./table.ts";
import { relativeTime } from "./text.ts";

export interface DueTableOptions {
  /** By flow. */
  readonly schedules: ReadonlyMap<string, readonly ScheduleView[]>;
  readonly now: Date;
  /** The zone to show times in; each schedule's own without it. */
  readonly tz: string | undefined;
}

/** Due times as a table: when, how soon, of what, and what is special about them. */
export function dueTable(
  items: readonly UpcomingView[],
  { schedules, now, tz }: DueTableOptions,
): Table {
  const known = new Map(
    [...schedules].flatMap(([flow, ofFlow]) =>
      ofFlow.map((schedule) => [keyOf(flow, schedule.key), schedule]),
    ),
  );
  return {
    head: ["DUE", "IN", "FLOW", "SCHEDULE", "WHEN", "NOTE"],
    rows: items.map((item) => {
      const schedule = known.get(keyOf(item.flow, item.schedule));
      return [
        localText(item.dueAtLocal, tz),
        relativeTime(item.dueAt, now),
        item.flow,
        item.schedule,
        schedule?.inWords ?? "",
        [clockNote(item), jitterNote(item, schedule)].filter((note) => note !== "").join("; "),
      ];
    }),
  };
}

function keyOf(flow: string, schedule: string): string {
  return `${flow}\n${schedule}`;
}

/** `2027-03-14T03:00:00-04:00`, in the schedule's zone or in the one that was asked for. */
function localText(local: string, tz: string | undefined): string {
  const own = Temporal.ZonedDateTime.from(local);
  const shown = tz === undefined ? own : own.withTimeZone(tz);
  return shown.toString({ timeZoneName: "never" });
}

function clockNote({ dst, standsFor = [], dueAtLocal }: UpcomingView): string {
  switch (dst) {
    case "moved":
      return `moved from ${timesOf(standsFor)}, which the clock leaves out`;
    case "merged":
      return `one for ${timesOf(standsFor)}: the clock is put forward`;
    case "repeated":
      return `${dueAtLocal.slice(11, 16)} for the second time: the clock is put back`;
    default:
      return "";
  }
}

const TIMES_SHOWN = 4;

/** `02:00 and 02:30`. Seconds are shown where there are any. */
function timesOf(locals: readonly string[]): string {
  const times = locals.map((local) => local.slice(11).replace(/:00$/, ""));
  const more = times.length - TIMES_SHOWN;
  const shown = more > 0 ? [...times.slice(0, TIMES_SHOWN), `${more} more`] : times;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

function jitterNote({ dueAt, startsAt }: UpcomingView, schedule: ScheduleView | undefined): string {
  if (startsAt === undefined) return "";
  const wait = durationInWords(Date.parse(startsAt) - Date.parse(dueAt));
  const most =
    schedule?.jitterMs === undefined ? "" : ` of at most ${durationInWords(schedule.jitterMs)}`;
  return `starts ${wait} later, by a jitter${most}`;
}
