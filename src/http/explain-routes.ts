import type { Hono } from "hono";
import * as v from "valibot";
import type { ApiDeps } from "./api-deps.ts";
import { explainView } from "./explain-view.ts";
import { readQuery, timeField } from "./query-schema.ts";
import { noSuchFlow } from "./require.ts";

/** What `GET /api/flows/:flow/explain` can be asked. */
export const ExplainQuery = v.strictObject({
  at: timeField("The time in question; its latest due time without it."),
});

/** `GET /api/flows/:flow/explain`: why it did, or did not, run. */
export function addExplainRoutes(app: Hono, deps: ApiDeps): void {
  const { schedules } = deps;
  if (schedules === undefined) return;
  app.get("/api/flows/:flow/explain", async (c) => {
    const { at } = readQuery(c.req, ExplainQuery);
    const flow = c.req.param("flow");
    const explained = await schedules.explain(flow, at);
    if (explained !== undefined) return c.json(explainView(explained));
    const known = deps.generation().manifest.flows.map(({ name }) => name);
    throw noSuchFlow(flow, known);
  });
}
