import type { Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { Problem } from "./problems.ts";

/** `/livez`, `/readyz`, `/healthz`, `GET /api/status`, `POST /api/config/reload`. */
export function addStatusRoutes(app: Hono, deps: ApiDeps): void {
  app.get("/livez", (c) => c.text("ok"));
  app.on("GET", ["/readyz", "/healthz"], async (c) => {
    const readiness = await deps.readiness();
    const status = readiness.ready ? 200 : 503;
    if (c.req.query("verbose") !== undefined) return c.json(readiness, status);
    const failed = readiness.checks.filter((check) => check.state === "failed");
    const reasons = failed.map(({ name, message }) => `${name}: ${message}`);
    return c.text(readiness.ready ? "ok" : `not ready\n${reasons.join("\n")}`, status);
  });
  app.get("/api/status", async (c) => c.json(await deps.status()));
  app.post("/api/config/reload", async (c) => {
    const answer = await deps.commands.reload();
    if (answer.type === "refused") {
      throw new Problem(422, "Cannot accept the config: it has problems, and the old one stays", {
        problems: answer.problems,
      });
    }
    const { number, acceptedAt, manifest } = answer.generation;
    return c.json({
      generation: number,
      acceptedAt: new Date(acceptedAt).toISOString(),
      changed: answer.changed,
      flows: manifest.flows.length,
    });
  });
}
