import type { Context, Hono } from "hono";
import type { DecisionQuery, DeliveryEntry, DeliveryView } from "../store/run-history.ts";
import { type DeliveryDeps, deliveryQuery, given, pageQuery } from "./delivery-query.ts";
import { hookNames } from "./hook-view.ts";
import { answerPage } from "./pages.ts";
import { Problem, quoted } from "./problems.ts";
import { badQuery, onlyQueries, pastInstant } from "./query-fields.ts";
import { requireRun } from "./require.ts";

const REFERENCE_MAX = 200;

/** `GET /api/deliveries`, one of them, those of a run, and `GET /api/decisions`. */
export function addDeliveryRoutes(app: Hono, deps: DeliveryDeps): void {
  const { history } = deps;
  app.get("/api/deliveries", async (c) => {
    const page = await history.pageDeliveries(await deliveryQuery(c.req, deps));
    return answerPage(c, { ...page, items: withHookNames(deps, page.items) });
  });
  app.get("/api/deliveries/:delivery", async (c) => {
    return c.json(await requireDelivery(deps, c.req.param("delivery")));
  });
  app.get("/api/runs/:run/deliveries", async (c) => {
    const run = await requireRun(deps, c.req.param("run"));
    return c.json({ items: withHookNames(deps, await history.listDeliveries(run)) });
  });
  app.get("/api/decisions", (c) => answerDecisions(c, deps));
}

/** The delivery that an id, or the first characters of one, means. */
export async function requireDelivery(
  deps: DeliveryDeps,
  reference: string,
): Promise<DeliveryView> {
  const found =
    reference.length > REFERENCE_MAX ? undefined : await deps.history.findDelivery(reference);
  if (found === undefined) {
    const why = "no delivery has this id";
    throw new Problem(404, `Cannot find delivery ${quoted(reference)}: ${why}`);
  }
  if (found === "ambiguous") {
    const why = "several ids begin with it; give more of the id";
    throw new Problem(409, `Cannot tell which delivery ${quoted(reference)} is: ${why}`);
  }
  return withHookNames(deps, [found])[0] ?? found;
}

function withHookNames<Entry extends DeliveryEntry>(
  { generation }: DeliveryDeps,
  entries: readonly Entry[],
): readonly Entry[] {
  const names = hookNames(generation().manifest);
  return entries.map((entry) => ({ ...entry, ...given("hookName", names.get(entry.hook)) }));
}

const DECISION_FIELDS = ["flow", "kind", "since", "until", "cursor", "limit"];

async function answerDecisions(c: Context, { history, clock }: DeliveryDeps): Promise<Response> {
  onlyQueries(c.req, DECISION_FIELDS);
  const page = await history.pageDecisions({
    ...pageQuery(c.req),
    ...given("flow", c.req.query("flow")),
    ...given("kind", kindOf(c.req.query("kind"))),
    ...given("since", pastInstant(c.req, "since", clock())),
    ...given("until", pastInstant(c.req, "until", clock())),
  });
  return answerPage(c, page);
}

function kindOf(kind: string | undefined): DecisionQuery["kind"] {
  if (kind === undefined || kind === "skipped" || kind === "missed") return kind;
  throw badQuery("kind", "expected skipped or missed");
}
