import type { HonoRequest } from "hono";
import { type Instant, readInstant } from "../domain/instant.ts";
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

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Reads ISO 8601 with a zone; undefined for anything else. */
export function instantOf(text: string): Instant | undefined {
  return ISO.test(text) ? readInstant(text) : undefined;
}
