import type { HonoRequest } from "hono";
import * as v from "valibot";
import { DELIVERY_STATUSES, type DeliveryStatus } from "../domain/delivery.ts";
import { MOMENTS } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { DeliveryFilter, PageQuery } from "../store/run-history.ts";
import type { ApiDeps } from "./api-deps.ts";
import { hookNames, nameInKey } from "./hook-view.ts";
import { Problem, quoted } from "./problems.ts";
import { badQuery } from "./query-fields.ts";
import {
  LIMIT_DEFAULT,
  listField,
  PAGE_FIELDS,
  pastTimeField,
  readQuery,
  textField,
  wordField,
} from "./query-schema.ts";
import { requireRun } from "./require.ts";

const KNOWN_SHOWN = 20;

/** What finding deliveries and asking for them again stands on. */
export type DeliveryDeps = Pick<ApiDeps, "history" | "clock"> & {
  generation(): Pick<ReturnType<ApiDeps["generation"]>, "manifest">;
};

/** What `GET /api/deliveries` can be asked. */
export const DeliveriesQuery = v.strictObject({
  status: listField("Only in one of these.", { items: { enum: DELIVERY_STATUSES } }),
  hook: listField("Hooks, by key or name."),
  run: textField("Id or name of a run."),
  flow: textField("The name of a flow."),
  moment: wordField("Only of this moment.", MOMENTS),
  since: pastTimeField("Written at or after this time, or so long ago."),
  until: pastTimeField("Written before this time, or longer ago."),
  ...PAGE_FIELDS,
});

/** Reads the filters of `GET /api/deliveries`. */
export async function deliveryQuery(
  request: HonoRequest,
  deps: DeliveryDeps,
): Promise<DeliveryFilter & PageQuery> {
  const { status, hook, run, flow, moment, since, until, ...page } = readQuery(
    request,
    DeliveriesQuery,
  );
  const now = deps.clock();
  return {
    ...(await namedFilter(deps, { status: some(status), hook: some(hook), run, flow })),
    ...given("moment", moment),
    ...given("since", since?.(now)),
    ...given("until", until?.(now)),
    ...pageOf(page),
  };
}

/** The page of a list that is asked for. */
export function pageOf({
  cursor,
  limit = LIMIT_DEFAULT,
}: {
  readonly cursor?: number | undefined;
  readonly limit?: number | undefined;
}): PageQuery {
  return { limit, ...given("cursor", cursor) };
}

function some(parts: readonly string[] | undefined): readonly string[] | undefined {
  return parts?.length === 0 ? undefined : parts;
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

function statusOf(text: string): DeliveryStatus {
  const status = DELIVERY_STATUSES.find((one) => one === text.toLowerCase());
  if (status !== undefined) return status;
  throw badQuery("status", `expected one of ${DELIVERY_STATUSES.join(", ")}`);
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
