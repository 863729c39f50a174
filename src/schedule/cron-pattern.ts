import { type CronFields, cronFields, LAST_ONE } from "./cron-fields.ts";
import { kept } from "./kept.ts";

/** A cron expression, parsed: it matches local times ("wall times"), and knows nothing of time zones. */
export interface CronPattern {
  /** Whether the second, minute or hour field starts with `*` (cronie's rule): due by elapsed time. */
  readonly intervalLike: boolean;
  /** The first matching wall time at or after `from`, both in milliseconds as if the wall were in UTC. */
  firstMatch(from: number): number | undefined;
}

/** What is not due in so many years is never due: the calendar repeats itself. */
const YEARS_MAX = 400;
const DAY_MS = 86_400_000;

/** A parsed pattern takes about 200 bytes. */
const KEPT_MAX = 10_000;

/** Reads a cron expression that croner takes, or answers the one read before. */
export const cronPattern = kept(KEPT_MAX, (expression: string): CronPattern => {
  const fields = cronFields(expression);
  return {
    intervalLike: fields.intervalLike,
    firstMatch: (from) => firstMatch(fields, from),
  };
});

function firstMatch(fields: CronFields, from: number): number | undefined {
  const start = Math.ceil(from / 1_000) * 1_000;
  const today = Math.floor(start / DAY_MS) * DAY_MS;
  const time = timeFrom(fields, (start - today) / 1_000);
  const day = firstDay(fields, time === undefined ? today + DAY_MS : today);
  if (day === undefined) return undefined;
  const seconds = day === today ? time : timeFrom(fields, 0);
  return seconds === undefined ? undefined : day + seconds * 1_000;
}

/** The first time of a day at or after one, both in seconds since midnight. */
function timeFrom({ hours, minutes, seconds }: CronFields, from: number): number | undefined {
  const [hour, minute, second] = [Math.floor(from / 3_600), Math.floor(from / 60) % 60, from % 60];
  const inMinute =
    hours.includes(hour) && minutes.includes(minute) ? atLeast(seconds, second) : undefined;
  if (inMinute !== undefined) return from - second + inMinute;
  const inHour = hours.includes(hour) ? atLeast(minutes, minute + 1) : undefined;
  if (inHour !== undefined) return hour * 3_600 + inHour * 60 + (seconds[0] ?? 0);
  const later = atLeast(hours, hour + 1);
  return later === undefined
    ? undefined
    : later * 3_600 + (minutes[0] ?? 0) * 60 + (seconds[0] ?? 0);
}

function atLeast(sorted: readonly number[], least: number): number | undefined {
  return sorted.find((value) => value >= least);
}

/** The first day of the pattern at or after one, both as the wall time of their midnight. */
function firstDay(fields: CronFields, from: number): number | undefined {
  const date = new Date(from);
  let year = date.getUTCFullYear();
  let month = date.getUTCMonth() + 1;
  let passed = (1 << date.getUTCDate()) - 1;
  for (const end = year + YEARS_MAX; year <= end; passed = 0) {
    const days = (fields.months & (1 << month)) === 0 ? 0 : daysOf(fields, year, month) & ~passed;
    if (days !== 0) return Date.UTC(year, month - 1, 31 - Math.clz32(days & -days));
    year += month === 12 ? 1 : 0;
    month = (month % 12) + 1;
  }
  return undefined;
}

/** The days of a month that the pattern names, as a mask. */
function daysOf({ days, monthDays, weekdays }: CronFields, year: number, month: number): number {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const shape = { length, weekdayOf: (day: number) => (firstWeekday + day - 1) % 7 };
  const byMonthDay = byMonthDays(monthDays, shape);
  if (days === "month-days") return byMonthDay;
  const byWeekday = byWeekdays(weekdays, shape);
  return days === "both" ? byMonthDay & byWeekday : byMonthDay | byWeekday;
}

interface MonthShape {
  readonly length: number;
  weekdayOf(day: number): number;
}

function byMonthDays(
  { mask, nearestTo, last, lastWorkday }: CronFields["monthDays"],
  shape: MonthShape,
): number {
  const { length } = shape;
  let days = mask & ((2 << length) - 1);
  for (const day of nearestTo) if (day <= length) days |= 1 << workdayNear(day, shape);
  if (last) days |= 1 << length;
  if (lastWorkday) days |= 1 << workdayNear(length, shape);
  return days;
}

/** The working day nearest to a day, in the same month. */
function workdayNear(day: number, { length, weekdayOf }: MonthShape): number {
  const weekday = weekdayOf(day);
  if (weekday === 0) return day === length ? day - 2 : day + 1;
  if (weekday === 6) return day === 1 ? day + 2 : day - 1;
  return day;
}

function byWeekdays(weekdays: CronFields["weekdays"], { length, weekdayOf }: MonthShape): number {
  let days = 0;
  for (let day = 1; day <= length; day += 1) {
    const which = weekdays[weekdayOf(day)] ?? 0;
    const nth = 1 << (Math.floor((day - 1) / 7) + 1);
    const isLast = day + 7 > length;
    if ((which & nth) !== 0 || (isLast && (which & LAST_ONE) !== 0)) days |= 1 << day;
  }
  return days;
}
