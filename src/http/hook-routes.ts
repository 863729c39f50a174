import type { Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import type { DeliveryDeps } from "./delivery-query.ts";
import { hookViews } from "./hook-view.ts";

export type HookDeps = DeliveryDeps & Pick<ApiDeps, "hookRecords">;

/** `GET /api/hooks`: those of the newest config, and those that still have deliveries. */
export function addHookRoutes(app: Hono, { hookRecords, generation }: HookDeps): void {
  app.get("/api/hooks", async (c) => {
    return c.json({ items: hookViews(generation().manifest, await hookRecords()) });
  });
}
