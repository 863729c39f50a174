import type { HonoRequest } from "hono";
import { DELIVERY_STATUSES, type DeliveryStatus } from "../domain/delivery.ts";
import { MOMENTS, type Moment } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { DeliveryFilter, PageQuery } from "../store/run-history.ts";
import type { ApiDeps } from "./api-deps.ts";
import { hookNames, nameInKey } from "./hook-view.ts";
import { Problem, quoted } from "./problems.ts";
import { badQuery, onlyQueries, pastInstant, wholeNumber } from "./query-fields.ts";
import { requireRun } from "./require.ts";

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;
const KNOWN_SHOWN = 20;
const FIELDS = ["status", "hook", "run", "flow", "moment", "since", "until", "cursor", "limit"];

/** What finding deliveries and asking for them again stands on. */
export type DeliveryDeps = Pick<ApiDeps, "history" | "clock"> & {
  generation(): Pick<ReturnType<ApiDeps["generation"]>, "manifest">;
};

/** Reads the filters of `GET /api/deliveries`. */
export async function deliveryQuery(
  request: HonoRequest,
  deps: DeliveryDeps,
): Promise<DeliveryFilter & PageQuery> {
  onlyQueries(request, FIELDS);
  const since = pastInstant(request, "since", deps.clock());
  const until = pastInstant(request, "until", deps.clock());
  const named = await namedFilter(deps, {
    status: listOf(request, "status"),
    hook: listOf(request, "hook"),
    run: request.query("run"),
    flow: request.query("flow"),
  });
  return {
    ...named,
    ...given("moment", momentOf(request.query("moment"))),
    ...given("since", since),
    ...given("until", until),
    ...pageQuery(request),
  };
}

/** The page of a list that is asked for. */
export function pageQuery(request: HonoRequest): PageQuery {
  const cursor = wholeNumber(request, "cursor", { min: 0, max: Number.MAX_SAFE_INTEGER });
  const limit = wholeNumber(request, "limit", { min: 1, max: LIMIT_MAX }) ?? LIMIT_DEFAULT;
  return { limit, ...given("cursor", cursor) };
}

/** Filters as they are given from outside. */
interface Named {
  readonly status: readonly string[] | undefined;
  /** Keys or names. */
  readonly hook: readonly string[] | undefined;
  readonly run: string | undefined;
  readonly flow: string | undefined;
}

/** What the names in a filter mean; throws the problem of one that means nothing. */
export async function namedFilter(
  deps: DeliveryDeps,
  { status, hook, run, flow }: Named,
): Promise<DeliveryFilter> {
  return {
    ...given("statuses", status?.map(statusOf)),
    ...given("hooks", hook === undefined ? undefined : await keysOf(deps, hook)),
    ...given("run", run === undefined ? undefined : await requireRun(deps, run)),
    ...given("flow", flow),
  };
}

/** `a,b`, also repeated; undefined when it is not given. */
function listOf(request: HonoRequest, field: string): readonly string[] | undefined {
  const parts = (request.queries(field) ?? [])
    .flatMap((list) => list.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return parts.length === 0 ? undefined : parts;
}

function statusOf(text: string): DeliveryStatus {
  const status = DELIVERY_STATUSES.find((one) => one === text.toLowerCase());
  if (status !== undefined) return status;
  throw badQuery("status", `expected one of ${DELIVERY_STATUSES.join(", ")}`);
}

function momentOf(text: string | undefined): Moment | undefined {
  if (text === undefined) return undefined;
  const moment = MOMENTS.find((one) => one.toLowerCase() === text.toLowerCase());
  if (moment !== undefined) return moment;
  throw badQuery("moment", `expected one of ${MOMENTS.join(", ")}`);
}

/** The keys of all hooks that names or keys mean, also of those that the config has no longer. */
async function keysOf(deps: DeliveryDeps, names: readonly string[]): Promise<readonly string[]> {
  const configured = hookNames(deps.generation().manifest);
  const gone = (await deps.history.hookKeys()).filter((key) => !configured.has(key));
  const all = [...configured, ...gone.map((key) => [key, nameInKey(key)] as const)];
  return names.flatMap((named) => {
    const keys = all.filter(([key, name]) => key === named || name === named).map(([key]) => key);
    if (keys.length > 0) return keys;
    throw noSuchHook(named, all.flat());
  });
}

function noSuchHook(name: string, all: readonly string[]): Problem {
  const meant = nearest(name, all);
  const hint =
    meant === undefined
      ? "neither the config nor any delivery has one of this name or key"
      : `did you mean ${quoted(meant)}?`;
  return new Problem(404, `Cannot find hook ${quoted(name)}: ${hint}`, {
    known: [...new Set(all)].slice(0, KNOWN_SHOWN),
    ...given("nearest", meant),
  });
}

/** A field that exists only where there is a value. */
export function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}
