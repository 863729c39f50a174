import type { Hono, HonoRequest } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { badQuery, instantOf, onlyQueries, wholeNumber } from "./query-fields.ts";
import { requireFlow } from "./require.ts";
import type { UpcomingQuery } from "./upcoming-view.ts";

const UPCOMING_MAX = 500;
const UPCOMING_DEFAULT = 10;

/** `GET /api/upcoming` and `/api/flows/:flow/upcoming`: when flows are due. */
export function addUpcomingRoutes(app: Hono, deps: ApiDeps): void {
  app.get("/api/upcoming", (c) => {
    const { flows } = deps.generation().manifest;
    return c.json({ items: deps.upcoming?.(flows, upcomingQuery(c.req)) ?? [] });
  });
  app.get("/api/flows/:flow/upcoming", (c) => {
    const flow = requireFlow(deps, c.req.param("flow"));
    return c.json({ items: deps.upcoming?.([flow], upcomingQuery(c.req)) ?? [] });
  });
}

function upcomingQuery(request: HonoRequest): UpcomingQuery {
  onlyQueries(request, ["n", "from", "to"]);
  const from = instantIn(request, "from");
  const to = instantIn(request, "to");
  return {
    n: wholeNumber(request, "n", { min: 1, max: UPCOMING_MAX }) ?? UPCOMING_DEFAULT,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function instantIn(request: HonoRequest, field: string) {
  const text = request.query(field);
  if (text === undefined) return undefined;
  const at = instantOf(text);
  if (at === undefined) throw badQuery(field, 'expected a time such as "2026-01-31T08:00:00Z"');
  return at;
}
