import { kept } from "./kept.ts";

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
  /** Whether the second, minute or hour field starts with `*`: what cronie takes as due by elapsed time. */
  readonly intervalLike: boolean;
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
  return {
    seconds: sixties(second),
    minutes: sixties(minute),
    hours: hours(hour),
    months: months(month),
    monthDays: monthDays(monthDay),
    weekdays: weekdays(weekday),
    days: daysBy(monthDay, weekday),
    intervalLike: second.startsWith("*") || minute.startsWith("*") || hour.startsWith("*"),
  };
}

/** Schedules are many and the texts in their fields few: each is read once, and what it names is shared. */
const FIELDS_MAX = 1_000;
const sixties = kept(FIELDS_MAX, (field) => listOf(field, 0, 59));
const hours = kept(FIELDS_MAX, (field) => listOf(field, 0, 23));
const months = kept(FIELDS_MAX, (field) => maskOf(listOf(named(field, MONTHS, 1), 1, 12)));
const monthDays = kept(FIELDS_MAX, monthDaysOf);
const weekdays = kept(FIELDS_MAX, weekdaysOf);

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
  const numbers = named(field.replace(/^\+/, "").replace(/-sun/g, "-7"), WEEKDAYS, 0);
  for (const item of numbers.split(",")) {
    const [, days = "", nth] = /^([^#l]+)#?(.)?$/.exec(item) ?? [];
    const ones = nth === undefined ? EACH_ONE : nth === "l" ? LAST_ONE : 1 << Number(nth);
    for (const day of valuesOf(days, 0, 6)) which[day % 7] = (which[day % 7] ?? 0) | ones;
  }
  return which;
}

function listOf(field: string, min: number, max: number): readonly number[] {
  const values = field.split(",").flatMap((item) => valuesOf(item, min, max));
  return [...new Set(values)].sort((one, other) => one - other);
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
