import type { Hono } from "hono";
import * as v from "valibot";
import type { ApiDeps } from "./api-deps.ts";
import { Problem } from "./problems.ts";
import { textField } from "./query-schema.ts";
import { NoBody, readBody } from "./read-body.ts";

/**
 * What `/readyz` and `/healthz` can be asked. Whatever else is asked of them is overlooked: those who watch
 * health are not to be told of anything but health.
 */
export const VerboseQuery = v.strictObject({
  verbose: textField("Given, with any value or none: every check. It needs what reading needs."),
});

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
    await readBody(c.req, NoBody);
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
