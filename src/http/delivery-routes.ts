import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { DeliveryEntry, DeliveryView } from "../store/run-history.ts";
import { type DeliveryDeps, deliveryQuery, given, pageOf } from "./delivery-query.ts";
import { hookNames } from "./hook-view.ts";
import { answerPage } from "./pages.ts";
import { Problem, quoted } from "./problems.ts";
import { PAGE_FIELDS, pastTimeField, readQuery, textField, wordField } from "./query-schema.ts";
import { requireRun } from "./require.ts";

const REFERENCE_MAX = 200;

/** What `GET /api/decisions` can be asked. */
export const DecisionsQuery = v.strictObject({
  flow: textField("The name of a flow."),
  kind: wordField("Only of this kind.", ["skipped", "missed"] as const),
  since: pastTimeField("Decided at or after this time, or so long ago."),
  until: pastTimeField("Decided before this time, or longer ago."),
  ...PAGE_FIELDS,
});

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

async function answerDecisions(c: Context, { history, clock }: DeliveryDeps): Promise<Response> {
  const { flow, kind, since, until, ...page } = readQuery(c.req, DecisionsQuery);
  const now = clock();
  const decisions = await history.pageDecisions({
    ...pageOf(page),
    ...given("flow", flow),
    ...given("kind", kind),
    ...given("since", since?.(now)),
    ...given("until", until?.(now)),
  });
  return answerPage(c, decisions);
}
