/** What the fields of a cron expression name. Lists are sorted; in masks, bit n stands for n. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** From 1 to 12. */
  readonly months: number;
  readonly monthDays: MonthDays;
  readonly weekdays: Weekdays;
  /** Which days: those that the one field names, or the other, or those that both name. */
  readonly days: "month-days" | "both" | "either";
}

export interface MonthDays {
  /** From 1 to 31. */
  readonly mask: number;
  /** `15W`: days in whose place the nearest working day stands. */
  readonly nearestTo: readonly number[];
  /** `L` */
  readonly last: boolean;
  /** `LW` */
  readonly lastWorkday: boolean;
}

/** For each weekday from Sunday, which ones of the month: bits 1 to 5 and LAST_ONE, as in `MON#2` and `5L`. */
export type Weekdays = readonly number[];

export const LAST_ONE = 1 << 6;
const EACH_ONE = 0b1111110;

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Reads an expression that croner takes: what is wrong with one is croner's to say. */
export function cronFields(expression: string): CronFields {
  const [second, minute, hour, monthDay, month, weekday] = splitFields(expression);
  const weekdayText = named(weekday.replace(/-sun/g, "-7"), WEEKDAYS, 0);
  const both = weekdayText.startsWith("+");
  return {
    seconds: listOf(second, 0, 59),
    minutes: listOf(minute, 0, 59),
    hours: listOf(hour, 0, 23),
    months: maskOf(listOf(named(month, MONTHS, 1), 1, 12)),
    monthDays: monthDaysOf(monthDay),
    weekdays: weekdaysOf(both ? weekdayText.slice(1) : weekdayText),
    days: daysBy(monthDay, weekdayText),
  };
}

/** Whether the second, minute or hour field starts with `*`: what cronie takes as due by elapsed time. */
export function isIntervalLike(expression: string): boolean {
  return splitFields(expression)
    .slice(0, 3)
    .some((field) => field.startsWith("*"));
}

type SixFields = readonly [
  second: string,
  minute: string,
  hour: string,
  monthDay: string,
  month: string,
  weekday: string,
];

function splitFields(expression: string): SixFields {
  const text = expression.trim().toLowerCase();
  const fields = (NICKNAMES[text] ?? text).replaceAll("?", "*").split(/\s+/);
  if (fields.length === 5) fields.unshift("0");
  const [second = "", minute = "", hour = "", monthDay = "", month = "", weekday = ""] = fields;
  return [second, minute, hour, monthDay, month, weekday];
}

function named(field: string, names: readonly string[], first: number): string {
  return field.replace(/[a-z]{3}/g, (name) => {
    const index = names.indexOf(name);
    return index === -1 ? name : String(index + first);
  });
}

/** As in crontab: two fields that both restrict the day are alternatives, unless a `+` says otherwise. */
function daysBy(monthDay: string, weekday: string): CronFields["days"] {
  if (weekday === "*") return "month-days";
  return weekday.startsWith("+") || starAmong(monthDay) ? "both" : "either";
}

function starAmong(monthDay: string): boolean {
  return withoutLast(monthDay).join(",") === "*";
}

function withoutLast(monthDay: string): readonly string[] {
  return monthDay.split(",").filter((item) => item !== "l");
}

function monthDaysOf(field: string): MonthDays {
  const items = withoutLast(field).filter((item) => item !== "lw");
  const nearest = items.filter((item) => item.endsWith("w"));
  const plain = items.filter((item) => !item.endsWith("w"));
  return {
    mask: plain.reduce((mask, item) => mask | maskOf(valuesOf(item, 1, 31)), 0),
    nearestTo: nearest.map((item) => Number.parseInt(item, 10)),
    last: field.split(",").includes("l"),
    lastWorkday: field === "lw",
  };
}

function weekdaysOf(field: string): Weekdays {
  const which = [0, 0, 0, 0, 0, 0, 0];
  for (const item of field.split(",")) {
    const [, days = "", nth] = /^([^#l]+)#?(.)?$/.exec(item) ?? [];
    const ones = nth === undefined ? EACH_ONE : nth === "l" ? LAST_ONE : 1 << Number(nth);
    for (const day of valuesOf(days, 0, 6)) which[day % 7] = (which[day % 7] ?? 0) | ones;
  }
  return which;
}

/** The lists that most patterns have, once for all of them. */
const WHOLE_HOUR = valuesOf("*", 0, 59);
const WHOLE_DAY = valuesOf("*", 0, 23);

function listOf(field: string, min: number, max: number): readonly number[] {
  if (field === "*" && max === 59) return WHOLE_HOUR;
  if (field === "*" && max === 23) return WHOLE_DAY;
  const values = field.split(",").flatMap((item) => valuesOf(item, min, max));
  return values.length === 1 ? values : [...new Set(values)].sort((one, other) => one - other);
}

/** `*`, `7`, `1-5`, each also with a step. */
function valuesOf(item: string, min: number, max: number): readonly number[] {
  const [range = "", step = "1"] = item.split("/");
  const [from, to = from] = range === "*" ? [min, max] : range.split("-").map(Number);
  const values: number[] = [];
  for (let value = from ?? min; value <= (to ?? max); value += Number(step)) values.push(value);
  return values;
}

function maskOf(values: readonly number[]): number {
  return values.reduce((mask, value) => mask | (1 << value), 0);
}
