import type { Context, Hono } from "hono";
import * as v from "valibot";
import {
  BACKFILL_POLICIES,
  type BackfillRefusal,
  type BackfillRequest,
} from "../domain/backfill.ts";
import type { ScheduleCare } from "../domain/schedule-care.ts";
import type { ApiDeps } from "./api-deps.ts";
import { whoAsks } from "./caller.ts";
import { Problem, quoted } from "./problems.ts";
import { badQuery, instantOf } from "./query-fields.ts";
import { LIMIT_DEFAULT, PAGE_FIELDS, readQuery, wholeNumberField } from "./query-schema.ts";
import { NoBody, readBody } from "./read-body.ts";
import { noSuchFlow } from "./require.ts";
import { requireWritable } from "./require-writable.ts";
import { noSuchSchedule } from "./schedule-pause-routes.ts";

const DUES_LISTED_MAX = 1_000;
const TIME_WANTED = 'expected a time such as "2026-01-31T08:00:00Z"';

const Time = v.pipe(
  v.string(),
  v.metadata({ format: "date-time" }),
  v.check((text) => instantOf(text) !== undefined, TIME_WANTED),
  v.transform((text) => instantOf(text)),
);
/** The body of `POST /api/flows/:flow/backfill`. */
export const BackfillBody = v.strictObject({
  from: Time,
  to: Time,
  schedule: v.optional(v.pipe(v.string(), v.description("Only this schedule of the flow."))),
  overlap: v.optional(v.picklist(BACKFILL_POLICIES), "queue-all"),
  dryRun: v.optional(v.pipe(v.boolean(), v.description("Only says what it would do.")), false),
});
/** What `GET /api/backfills` can be asked. */
export const BackfillsQuery = v.strictObject({ limit: PAGE_FIELDS.limit });
/** What `GET /api/backfills/:backfill/dues` can be asked. */
export const BackfillDuesQuery = v.strictObject({
  limit: wholeNumberField("How many at most.", {
    min: 1,
    max: DUES_LISTED_MAX,
    preset: LIMIT_DEFAULT,
  }),
  after: wholeNumberField("The `next` of the page before.", {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
});

/** `POST /api/flows/:flow/backfill`, and `/api/backfills` with one, its due times and its end. */
export function addBackfillRoutes(app: Hono, deps: ApiDeps): void {
  const { schedules } = deps;
  if (schedules === undefined) return;
  app.post("/api/flows/:flow/backfill", (c) => answerBackfill(c, deps, schedules));
  app.get("/api/backfills", (c) => {
    const { limit = LIMIT_DEFAULT } = readQuery(c.req, BackfillsQuery);
    return c.json({ items: schedules.listBackfills(limit) });
  });
  app.get("/api/backfills/:backfill", (c) => {
    const reference = c.req.param("backfill");
    return c.json(schedules.findBackfill(reference) ?? missing(reference));
  });
  app.get("/api/backfills/:backfill/dues", (c) => {
    const { limit = LIMIT_DEFAULT, after = -1 } = readQuery(c.req, BackfillDuesQuery);
    const reference = c.req.param("backfill");
    const page = { after, limit };
    return c.json(schedules.listBackfillDues(reference, page) ?? missing(reference));
  });
  app.post("/api/backfills/:backfill/cancel", async (c) => {
    await readBody(c.req, NoBody);
    requireWritable(deps);
    const reference = c.req.param("backfill");
    return c.json((await schedules.cancelBackfill(reference)) ?? missing(reference), 202);
  });
}

async function answerBackfill(
  c: Context,
  deps: ApiDeps,
  schedules: ScheduleCare,
): Promise<Response> {
  const { dryRun, from, to, schedule, overlap } = await readBody(c.req, BackfillBody);
  const flow = c.req.param("flow") ?? "";
  if (from === undefined || to === undefined) throw badQuery("from", TIME_WANTED);
  if (from >= to)
    throw new Problem(400, "Cannot backfill: from is not before to", { field: "from" });
  const more = schedule === undefined ? {} : { schedule };
  const request = { flow, from, to, overlap, by: whoAsks(c), ...more };
  if (dryRun) {
    const answer = schedules.planBackfill(request);
    if (answer.type !== "planned") throw refusal(request, answer, deps);
    return c.json({ dryRun: true, ...answer.plan });
  }
  requireWritable(deps);
  const answer = await schedules.beginBackfill(request);
  if (answer.type !== "begun") throw refusal(request, answer, deps);
  c.header("location", `/api/backfills/${answer.backfill.id}`);
  return c.json(answer.backfill, 201);
}

function refusal(request: BackfillRequest, answer: BackfillRefusal, deps: ApiDeps): Problem {
  const { flow, schedule } = request;
  const cannot = `Cannot backfill flow ${quoted(flow)}`;
  switch (answer.type) {
    case "no-such-flow":
      return noSuchFlow(
        flow,
        deps.generation().manifest.flows.map(({ name }) => name),
      );
    case "no-such-schedule":
      return noSuchSchedule({ flow, schedule, known: answer.known });
    case "nothing-due":
      return new Problem(422, `${cannot}: none of its schedules was due in that time`);
    case "too-many": {
      const max = answer.max.toLocaleString("en");
      return new Problem(
        422,
        `${cannot}: it was due more than ${max} times then; ask for less at once`,
      );
    }
  }
}

function missing(reference: string): never {
  throw new Problem(404, `Cannot find backfill ${quoted(reference)}: none has this id`);
}
