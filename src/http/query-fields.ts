import type { HonoRequest } from "hono";
import { durationMs } from "../domain/duration.ts";
import { type Instant, instant } from "../domain/instant.ts";
import { nearest } from "../domain/nearest.ts";
import { Problem, quoted } from "./problems.ts";

/** The problem of a query parameter that does not fit. */
export function badQuery(field: string, reason: string): Problem {
  return new Problem(400, `Cannot read query ${quoted(field)}: ${reason}`, { field });
}

/** Refuses parameters that the route does not know: a filter with a typing error must not answer everything. */
export function onlyQueries(request: HonoRequest, known: readonly string[]): void {
  for (const field of Object.keys(request.queries())) {
    if (known.includes(field)) continue;
    const meant = nearest(field, known);
    const hint = meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
    throw badQuery(field, `there is no such parameter; ${hint}`);
  }
}

/** A whole number from `min` to `max`; undefined when it is not given. */
export function wholeNumber(
  request: HonoRequest,
  field: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = request.query(field);
  if (text === undefined) return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw badQuery(field, `expected a whole number from ${min} to ${max}`);
}

/** An instant, as ISO 8601 with a zone, or as a length of time before now (`7d`); undefined when not given. */
export function pastInstant(
  request: HonoRequest,
  field: string,
  now: Instant,
): Instant | undefined {
  const text = request.query(field);
  if (text === undefined) return undefined;
  const ago = durationMs(text);
  const at = ago === undefined ? instantOf(text) : instant(now - ago);
  if (at !== undefined) return at;
  throw badQuery(
    field,
    'expected a time such as "2026-01-31T08:00:00Z", or a duration such as "7d"',
  );
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Reads ISO 8601 with a zone; undefined for anything else. */
export function instantOf(text: string): Instant | undefined {
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : instant(ms);
}
