import type { Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";

/** `GET /metrics`, in Prometheus' text format, version 0.0.4. */
export function addMetricsRoute(app: Hono, { metrics }: Pick<ApiDeps, "metrics">): void {
  app.get("/metrics", async (c) =>
    c.body(await metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
}
