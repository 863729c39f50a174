import { Cron } from "croner";
import { cronPattern } from "./cron-pattern.ts";

/** Any instant will do: what cannot be due after it can never be due. */
const SOME_WALL_TIME = Date.UTC(2000, 0, 1);
const NICKNAME = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/i;
const TAKEN_MAX = 10_000;

/**
 * Fields of expressions that croner took, each by its place. croner looks at every field for itself, so it
 * takes what is made of such fields alone: it is slow, and many schedules have few different fields.
 */
const taken = new Set<string>();

/** What is wrong with a cron expression, in words that finish a sentence; undefined if nothing is. */
export function cronFault(expression: string): string | undefined {
  const text = expression.trim();
  if (text.startsWith("@")) {
    return NICKNAME.test(text)
      ? undefined
      : "expected one of @yearly, @monthly, @weekly, @daily, @hourly, @reboot";
  }
  const fields = text === "" ? [] : text.split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    return `it has ${fields.length} fields, expected 5 (minute hour day month weekday) or 6 (with seconds first)`;
  }
  const fault = faultOfFields(text, fields);
  if (fault !== undefined) return fault;
  return cronPattern(text).firstMatch(SOME_WALL_TIME) === undefined ? "it is never due" : undefined;
}

function faultOfFields(text: string, fields: readonly string[]): string | undefined {
  const places = fields.map((field, index) => `${index - fields.length} ${field}`);
  if (places.every((place) => taken.has(place))) return undefined;
  try {
    new Cron(text, { mode: "5-or-6-parts", utcOffset: 0 });
  } catch (error) {
    return error instanceof Error ? inOurWords(error.message) : String(error);
  }
  if (taken.size > TAKEN_MAX) taken.clear();
  for (const place of places) taken.add(place);
  return undefined;
}

/** What croner says, without its own name; it counts days and months from 0, people from 1. */
function inOurWords(message: string): string {
  const text = message
    .replace(/^CronPattern: /, "")
    .replace(/(day|month): (-?\d+)$/, (_, field, index) => `${field}: ${Number(index) + 1}`)
    .replace(/\.$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
