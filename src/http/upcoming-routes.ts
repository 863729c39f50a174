import type { Hono, HonoRequest } from "hono";
import * as v from "valibot";
import type { ApiDeps } from "./api-deps.ts";
import { readQuery, timeField, wholeNumberField } from "./query-schema.ts";
import { requireFlow } from "./require.ts";
import type { UpcomingQuery } from "./upcoming-view.ts";

const UPCOMING_MAX = 500;
const UPCOMING_DEFAULT = 10;

/** What both can be asked. */
export const DuesQuery = v.strictObject({
  n: wholeNumberField("How many at most.", { min: 1, max: UPCOMING_MAX, preset: UPCOMING_DEFAULT }),
  from: timeField("After this time; now without it."),
  to: timeField("Up to this time, which is included."),
});

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
  const { n = UPCOMING_DEFAULT, from, to } = readQuery(request, DuesQuery);
  return {
    n,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
