import type { HonoRequest } from "hono";
import * as v from "valibot";
import type { Instant } from "../domain/instant.ts";
import { nearest } from "../domain/nearest.ts";
import { STATE_NAMES, STATE_TYPES, type StateName, type StateType } from "../domain/state.ts";
import type { Filter, RunQuery } from "../store/run-history.ts";
import { badQuery } from "./query-fields.ts";
import {
  field,
  LIMIT_DEFAULT,
  listField,
  PAGE_FIELDS,
  pastTimeField,
  readQuery,
  textField,
} from "./query-schema.ts";

const TEXT_MAX = 200;
const PARENT = /^[0-9a-f-]{36}$/;

/** What `GET /api/runs` can be asked. */
export const RunsQuery = v.strictObject({
  flow: listField("Flows; `!` before a name excludes it."),
  state: listField("Types or names of states, such as `FAILED` or `TimedOut`; `!` excludes."),
  tag: listField("Tags, one of which a run must carry; `!` excludes."),
  parent: field(
    {
      text: "Only child runs of the run with this id, whole.",
      sentAs: { type: "string", format: "uuid" },
    },
    (text) => (PARENT.test(text) ? { fits: text } : { wrong: "expected the id of a run, whole" }),
  ),
  since: pastTimeField("Made at or after this time, or so long ago."),
  until: pastTimeField("Made before this time, or longer ago."),
  q: textField("Part of a run's name or its flow's.", { max: TEXT_MAX }),
  ...PAGE_FIELDS,
});

/** Reads the filters of `GET /api/runs`. */
export function runQuery(request: HonoRequest, now: Instant): RunQuery {
  const asked = readQuery(request, RunsQuery);
  const { parent, since, until, cursor } = asked;
  const text = asked.q?.trim() ?? "";
  return {
    flows: filterOf(asked.flow),
    states: stateFilter(filterOf(asked.state)),
    tags: filterOf(asked.tag),
    ...(parent === undefined ? {} : { parent }),
    ...(since === undefined ? {} : { since: since(now) }),
    ...(until === undefined ? {} : { until: until(now) }),
    ...(text === "" ? {} : { text }),
    ...(cursor === undefined ? {} : { before: cursor }),
    limit: asked.limit ?? LIMIT_DEFAULT,
  };
}

/** Of `a`, `b` and `!c`: a and b are alternatives, c is excluded. */
function filterOf(given: readonly string[] = []): Filter<string> {
  const parts = given.filter((part) => part !== "!");
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
