import { type Context, Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { audit } from "./audit.ts";
import { addBackfillRoutes } from "./backfill-routes.ts";
import { addBlockRoutes } from "./block-routes.ts";
import { addDeliveryRoutes } from "./delivery-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addExplainRoutes } from "./explain-routes.ts";
import { addFlowRoutes } from "./flow-routes.ts";
import { gate } from "./gate.ts";
import { guard } from "./guard.ts";
import { addHookRoutes } from "./hook-routes.ts";
import { addHookTestRoute } from "./hook-test-route.ts";
import { addLoginRoutes } from "./login-routes.ts";
import { addManifestRoute } from "./manifest-route.ts";
import { addMetricsRoute } from "./metrics-route.ts";
import { addOpenApiRoutes } from "./openapi-routes.ts";
import { addOverviewRoutes } from "./overview-routes.ts";
import { addPageRoutes } from "./page-routes.ts";
import { answerError, answerProblem, Problem, quoted } from "./problems.ts";
import { redactAnswers } from "./redact-answers.ts";
import { addRedeliverRoutes } from "./redeliver-routes.ts";
import { addRunActions } from "./run-actions.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addSchedulePauseRoutes } from "./schedule-pause-routes.ts";
import { addStatusRoutes } from "./status-routes.ts";
import { addStoreRoutes } from "./store-routes.ts";
import { tagAnswers } from "./tag-answers.ts";
import { addTokenRoutes } from "./token-routes.ts";
import { addTriggerRoutes } from "./trigger-routes.ts";
import { addUpcomingRoutes } from "./upcoming-routes.ts";

/** The HTTP API over what the daemon gives it: no server and no socket yet, just requests and answers. */
export function createApp(deps: ApiDeps): Hono {
  const app = new Hono({ strict: false });
  app.use("*", tagAnswers());
  app.use("*", redactAnswers(deps.redactor));
  app.use("*", audit(deps.log));
  app.use("*", guard({ hosts: deps.hosts ?? [], isExposed: deps.access.isExposed }));
  app.use("*", gate(deps.access, deps.log));
  addLoginRoutes(app, deps);
  const onStricter = () => deps.feed.askAgain();
  addTokenRoutes(app, { tokens: deps.access.tokens, onStricter });
  addEventRoutes(app, deps);
  addMetricsRoute(app, deps);
  addStatusRoutes(app, deps);
  addFlowRoutes(app, deps);
  addUpcomingRoutes(app, deps);
  addManifestRoute(app, deps);
  addOverviewRoutes(app, deps);
  addSchedulePauseRoutes(app, deps);
  addExplainRoutes(app, deps);
  addBackfillRoutes(app, deps);
  addTriggerRoutes(app, deps);
  addRunRoutes(app, deps);
  addRunActions(app, deps);
  const declared = () => deps.generation().manifest.blockTypes;
  addBlockRoutes(app, { blocks: deps.blocks, declared });
  addHookRoutes(app, deps);
  addHookTestRoute(app, deps);
  addDeliveryRoutes(app, deps);
  addRedeliverRoutes(app, deps);
  if (deps.storeCare !== undefined)
    addStoreRoutes(app, { clock: deps.clock, care: deps.storeCare });
  addOpenApiRoutes(app);
  addPageRoutes(app);
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
  // Whoever may be asked for something may be asked for its headers.
  const all = methods.flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one]));
  const allow = [...new Set(all)].join(", ");
  c.header("allow", allow);
  const detail = `Cannot ${method} ${quoted(path)}: this address answers ${allow}`;
  return answerProblem(c, new Problem(405, detail));
}

function matches(pattern: string, path: string): boolean {
  const [wanted = [], given = []] = [pattern, path].map((one) => one.replace(/\/$/, "").split("/"));
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(":") || part === given[index])
  );
}
