import type { Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { explainView } from "./explain-view.ts";
import { badQuery, instantOf, onlyQueries } from "./query-fields.ts";
import { noSuchFlow } from "./require.ts";

/** `GET /api/flows/:flow/explain`: why it did, or did not, run. */
export function addExplainRoutes(app: Hono, deps: ApiDeps): void {
  const { schedules } = deps;
  if (schedules === undefined) return;
  app.get("/api/flows/:flow/explain", async (c) => {
    onlyQueries(c.req, ["at"]);
    const text = c.req.query("at");
    const at = text === undefined ? undefined : instantOf(text);
    if (text !== undefined && at === undefined) {
      throw badQuery("at", 'expected a time such as "2026-01-31T08:00:00Z"');
    }
    const flow = c.req.param("flow");
    const explained = await schedules.explain(flow, at);
    if (explained !== undefined) return c.json(explainView(explained));
    const known = deps.generation().manifest.flows.map(({ name }) => name);
    throw noSuchFlow(flow, known);
  });
}
