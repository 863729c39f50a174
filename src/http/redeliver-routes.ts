import type { Hono, HonoRequest } from "hono";
import * as v from "valibot";
import type { DeliveryStatus } from "../domain/delivery.ts";
import { durationMs } from "../domain/duration.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { Commands, RedeliverAnswer } from "../engine/commands.ts";
import type { DeliveryFilter, DeliveryView } from "../store/run-history.ts";
import { type DeliveryDeps, given, namedFilter } from "./delivery-query.ts";
import { requireDelivery } from "./delivery-routes.ts";
import { Problem, quoted } from "./problems.ts";
import { instantOf } from "./query-fields.ts";
import { NoBody, readBody } from "./read-body.ts";

const REPLAYABLE = ["dead", "retrying", "dropped", "delivered"] as const satisfies DeliveryStatus[];
const LIST_MAX = 50;
const TEXT_MAX = 500;
const EXPECTED_TIME = 'a time such as "2026-01-31T08:00:00Z", or a duration such as "7d"';

const Text = v.pipe(
  v.string(),
  v.minLength(1, "expected a text"),
  v.maxLength(TEXT_MAX, "too long"),
);
const Time = v.pipe(
  v.string(),
  v.metadata({ examples: ["2026-01-31T08:00:00Z", "7d"] }),
  v.check(
    (text) => durationMs(text) !== undefined || instantOf(text) !== undefined,
    `expected ${EXPECTED_TIME}`,
  ),
);
const listOf = <Item extends v.GenericSchema>(item: Item) =>
  v.union([
    v.pipe(
      item,
      v.transform((one) => [one]),
    ),
    v.pipe(v.array(item), v.minLength(1), v.maxLength(LIST_MAX)),
  ]);
export const FilterBody = v.strictObject({
  status: v.optional(listOf(v.picklist(REPLAYABLE, `expected one of ${REPLAYABLE.join(", ")}`))),
  hook: v.optional(listOf(Text)),
  run: v.optional(Text),
  flow: v.optional(Text),
  since: v.optional(Time),
  until: v.optional(Time),
  dryRun: v.optional(v.boolean(), false),
});

export type RedeliverDeps = DeliveryDeps & {
  readonly commands: Pick<Commands, "redeliver" | "redeliverMany">;
};

/** `POST /api/deliveries/:delivery/redeliver` for one, and `POST /api/deliveries/redeliver` for many. */
export function addRedeliverRoutes(app: Hono, deps: RedeliverDeps): void {
  app.post("/api/deliveries/redeliver", async (c) => {
    const { filter, dryRun } = await filterIn(c.req, deps);
    const answer = await deps.commands.redeliverMany({ filter, dryRun });
    if (answer === "unavailable") throw unavailable("deliveries");
    return c.json({ ...answer, ...(dryRun ? { dryRun } : {}) });
  });
  app.post("/api/deliveries/:delivery/redeliver", async (c) => {
    await readBody(c.req, NoBody);
    const { id } = await requireDelivery(deps, c.req.param("delivery"));
    const answer = await deps.commands.redeliver(id);
    const delivery = await requireDelivery(deps, id);
    if (answer !== "redelivered") throw refused(delivery, answer);
    return c.json(delivery, 202);
  });
}

async function filterIn(request: HonoRequest, deps: RedeliverDeps) {
  const { status, hook, run, flow, since, until, dryRun } = await readBody(request, FilterBody);
  if ([status, hook, run, flow, since].every((part) => part === undefined)) {
    const why = "say which ones with hook, run, flow, since or status";
    throw new Problem(400, `Cannot redeliver everything: ${why}`, { field: "" });
  }
  const now = deps.clock();
  const filter: DeliveryFilter = {
    ...(await namedFilter(deps, { status, hook, run, flow })),
    ...given("since", since === undefined ? undefined : timeOf(since, now)),
    ...given("until", until === undefined ? undefined : timeOf(until, now)),
  };
  return { filter, dryRun };
}

function timeOf(text: string, now: Instant): Instant {
  const ago = durationMs(text);
  return ago === undefined ? (instantOf(text) ?? now) : instant(now - ago);
}

function refused(
  { id, hook, status }: DeliveryView,
  answer: Exclude<RedeliverAnswer, "redelivered">,
): Problem {
  const cannot = `Cannot redeliver delivery ${quoted(id)}`;
  switch (answer) {
    case "pending":
      return new Problem(409, `${cannot}: it is ${status}, and rung as soon as its turn comes`);
    case "under-way":
      return new Problem(409, `${cannot}: an attempt is being made right now`);
    case "no-such-hook":
      return new Problem(
        409,
        `${cannot}: hook ${quoted(hook)} is not in the config, so it would only die again`,
      );
    case "no-such-delivery":
      return new Problem(404, `${cannot}: it is gone`);
    case "unavailable":
      return unavailable(`delivery ${quoted(id)}`);
  }
}

function unavailable(what: string): Problem {
  return new Problem(503, `Cannot redeliver ${what}: nothing can be saved at present`);
}
