import type { HonoRequest } from "hono";
import type { Instant } from "../domain/instant.ts";
import { nearest } from "../domain/nearest.ts";
import { STATE_NAMES, STATE_TYPES, type StateName, type StateType } from "../domain/state.ts";
import type { Filter, RunQuery } from "../store/run-history.ts";
import { badQuery, onlyQueries, pastInstant, wholeNumber } from "./query-fields.ts";

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;
const ALTERNATIVES_MAX = 50;
const TEXT_MAX = 200;
const FIELDS = ["flow", "state", "tag", "parent", "since", "until", "q", "cursor", "limit"];
const PARENT = /^[0-9a-f-]{36}$/;

/** Reads the filters of `GET /api/runs`. */
export function runQuery(request: HonoRequest, now: Instant): RunQuery {
  onlyQueries(request, FIELDS);
  const text = textOf(request);
  const parent = parentOf(request);
  const since = pastInstant(request, "since", now);
  const until = pastInstant(request, "until", now);
  const before = wholeNumber(request, "cursor", { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    flows: filterOf(request, "flow"),
    states: stateFilter(filterOf(request, "state")),
    tags: filterOf(request, "tag"),
    ...(parent === undefined ? {} : { parent }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(text === undefined ? {} : { text }),
    ...(before === undefined ? {} : { before }),
    limit: wholeNumber(request, "limit", { min: 1, max: LIMIT_MAX }) ?? LIMIT_DEFAULT,
  };
}

/** `a,b,!c`, also repeated: a and b are alternatives, c is excluded. */
function filterOf(request: HonoRequest, field: string): Filter<string> {
  const parts = (request.queries(field) ?? [])
    .flatMap((list) => list.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "!");
  if (parts.length > ALTERNATIVES_MAX) {
    throw badQuery(field, `expected at most ${ALTERNATIVES_MAX} alternatives`);
  }
  return {
    include: parts.filter((part) => !part.startsWith("!")),
    exclude: parts.filter((part) => part.startsWith("!")).map((part) => part.slice(1)),
  };
}

function stateFilter({ include, exclude }: Filter<string>): Filter<StateType | StateName> {
  return { include: include.map(stateOf), exclude: exclude.map(stateOf) };
}

const NAMES: readonly StateName[] = Object.values(STATE_NAMES).flat();

/** `Failed` is the name, `FAILED` (and any other case) is the type, which holds TimedOut too. */
function stateOf(text: string): StateType | StateName {
  const exact = NAMES.find((name) => name === text);
  const type = STATE_TYPES.find((type) => type === text.toUpperCase());
  const name = NAMES.find((name) => name.toLowerCase() === text.toLowerCase());
  const state = exact ?? type ?? name;
  if (state !== undefined) return state;
  const meant = nearest(text, [...NAMES, ...STATE_TYPES]);
  const known = STATE_TYPES.join(", ");
  throw badQuery(
    "state",
    meant === undefined ? `expected one of ${known}, or a state's name` : `did you mean ${meant}?`,
  );
}

function parentOf(request: HonoRequest): string | undefined {
  const parent = request.query("parent");
  if (parent === undefined || PARENT.test(parent)) return parent;
  throw badQuery("parent", "expected the id of a run, whole");
}

function textOf(request: HonoRequest): string | undefined {
  const text = request.query("q")?.trim();
  if (text !== undefined && text.length > TEXT_MAX) {
    throw badQuery("q", `expected at most ${TEXT_MAX} characters`);
  }
  return text === "" ? undefined : text;
}
