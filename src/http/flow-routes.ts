import type { Hono, HonoRequest } from "hono";
import type { FlowSpec } from "../domain/flow.ts";
import type { Run } from "../domain/run.ts";
import type { ApiDeps, UpcomingQuery } from "./api-deps.ts";
import { type FlowView, flowView } from "./flow-view.ts";
import { badQuery, instantOf, onlyQueries, wholeNumber } from "./query-fields.ts";
import { requireFlow } from "./require.ts";

const UPCOMING_MAX = 500;
const UPCOMING_DEFAULT = 10;

/** `GET /api/flows`, `/api/flows/:flow`, and `/upcoming` where due times are known. */
export function addFlowRoutes(app: Hono, deps: ApiDeps): void {
  app.get("/api/flows", async (c) => {
    const latest = await deps.history.latestRuns();
    const items = deps.generation().manifest.flows.map((flow) => viewOf(deps, flow, latest));
    return c.json({ items });
  });
  app.get("/api/flows/:flow", async (c) => {
    const flow = requireFlow(deps, c.req.param("flow"));
    return c.json(viewOf(deps, flow, await deps.history.latestRuns()));
  });
  app.get("/api/flows/:flow/upcoming", (c) => {
    const flow = requireFlow(deps, c.req.param("flow"));
    return c.json({ items: deps.upcoming?.(flow, upcomingQuery(c.req)) ?? [] });
  });
}

function viewOf(deps: ApiDeps, flow: FlowSpec, latest: ReadonlyMap<string, Run>): FlowView {
  const nextDueAt = deps.upcoming?.(flow, { n: 1 })[0]?.dueAt;
  return flowView(flow, { lastRun: latest.get(flow.name), nextDueAt });
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
