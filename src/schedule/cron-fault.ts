import { Cron } from "croner";
import { cronPattern } from "./cron-pattern.ts";
import { fieldFault } from "./field-fault.ts";

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
  if (text === "") return `it is empty, expected five fields such as "0 2 * * *"`;
  if (text.startsWith("@")) {
    return NICKNAME.test(text)
      ? undefined
      : `expected one of @yearly, @monthly, @weekly, @daily, @hourly, @reboot${everyHint(text)}`;
  }
  const fields = text.split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const has = fields.length === 1 ? "1 field" : `${fields.length} fields`;
    return `it has ${has}, expected 5 (minute hour day month weekday) or 6 (with seconds first)`;
  }
  const fault = faultOfFields(text, fields);
  if (fault !== undefined) return fault;
  return cronPattern(text).firstMatch(SOME_WALL_TIME) === undefined ? "it is never due" : undefined;
}

/** `@every 5m`, as other schedulers write an interval. */
function everyHint(text: string): string {
  const duration = /^@every\s+(\S+)$/i.exec(text)?.[1];
  return duration === undefined ? "" : `; an interval is { every: "${duration}" }`;
}

function faultOfFields(text: string, fields: readonly string[]): string | undefined {
  const places = fields.map((field, index) => `${index - fields.length} ${field}`);
  if (places.every((place) => taken.has(place))) return undefined;
  try {
    new Cron(text, { mode: "5-or-6-parts", utcOffset: 0 });
  } catch (error) {
    return (
      fieldFault(fields) ?? (error instanceof Error ? inOurWords(error.message) : String(error))
    );
  }
  if (taken.size > TAKEN_MAX) taken.clear();
  for (const place of places) taken.add(place);
  return undefined;
}

/** What croner says, without its own name: only where we know no better. */
function inOurWords(message: string): string {
  const text = message.replace(/^CronPattern: /, "").replace(/\.$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
