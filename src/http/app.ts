import { type Context, Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { addBlockRoutes } from "./block-routes.ts";
import { addDeliveryRoutes } from "./delivery-routes.ts";
import { addFlowRoutes } from "./flow-routes.ts";
import { guard } from "./guard.ts";
import { addHookRoutes } from "./hook-routes.ts";
import { addHookTestRoute } from "./hook-test-route.ts";
import { addPageRoutes } from "./page-routes.ts";
import { answerError, answerProblem, Problem, quoted } from "./problems.ts";
import { redactAnswers } from "./redact-answers.ts";
import { addRedeliverRoutes } from "./redeliver-routes.ts";
import { addRunActions } from "./run-actions.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addStatusRoutes } from "./status-routes.ts";
import { addTriggerRoutes } from "./trigger-routes.ts";

/** The HTTP API over what the daemon gives it: no server and no socket yet, just requests and answers. */
export function createApp(deps: ApiDeps): Hono {
  const app = new Hono({ strict: false });
  app.use("*", redactAnswers(deps.redactor));
  app.use("*", guard(deps.hosts ?? []));
  addStatusRoutes(app, deps);
  addFlowRoutes(app, deps);
  addTriggerRoutes(app, deps);
  addRunRoutes(app, deps);
  addRunActions(app, deps);
  const declared = () => deps.generation().manifest.blockTypes ?? [];
  addBlockRoutes(app, { blocks: deps.blocks, declared });
  addHookRoutes(app, deps);
  addHookTestRoute(app, deps);
  addDeliveryRoutes(app, deps);
  addRedeliverRoutes(app, deps);
  addPageRoutes(app, deps);
  app.notFound((c) => answerNotFound(c, app));
  app.onError(answerError(deps));
  return app;
}

/** 405 where the address exists with other methods, 404 where it does not exist. */
function answerNotFound(c: Context, app: Hono): Response {
  const { method, path } = c.req;
  const methods = app.routes
    .filter((route) => route.method !== "ALL" && matches(route.path, path))
    .map((route) => route.method);
  if (methods.length === 0) {
    return answerProblem(c, new Problem(404, `Cannot ${method} ${quoted(path)}: no such address`));
  }
  const allow = [...new Set(methods)].join(", ");
  c.header("allow", allow);
  const detail = `Cannot ${method} ${quoted(path)}: this address answers ${allow}`;
  return answerProblem(c, new Problem(405, detail));
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(":") || part === given[index])
  );
}
