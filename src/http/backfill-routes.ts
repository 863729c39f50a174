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
import { badQuery, instantOf, onlyQueries, wholeNumber } from "./query-fields.ts";
import { readBody } from "./read-body.ts";
import { noSuchFlow } from "./require.ts";
import { requireWritable } from "./require-writable.ts";
import { noSuchSchedule } from "./schedule-pause-routes.ts";

const LISTED_MAX = 200;
const LISTED_DEFAULT = 50;
const TIME_WANTED = 'expected a time such as "2026-01-31T08:00:00Z"';

const Time = v.pipe(
  v.string(),
  v.check((text) => instantOf(text) !== undefined, TIME_WANTED),
  v.transform((text) => instantOf(text)),
);
const Body = v.strictObject({
  from: Time,
  to: Time,
  schedule: v.optional(v.string()),
  overlap: v.optional(v.picklist(BACKFILL_POLICIES), "queue-all"),
  dryRun: v.optional(v.boolean(), false),
});
const NoBody = v.strictObject({});

/** `POST /api/flows/:flow/backfill`, and `/api/backfills` with one, its due times and its end. */
export function addBackfillRoutes(app: Hono, deps: ApiDeps): void {
  const { schedules } = deps;
  if (schedules === undefined) return;
  app.post("/api/flows/:flow/backfill", (c) => answerBackfill(c, deps, schedules));
  app.get("/api/backfills", (c) => {
    onlyQueries(c.req, ["limit"]);
    return c.json({ items: schedules.listBackfills(limitOf(c, LISTED_MAX)) });
  });
  app.get("/api/backfills/:backfill", (c) => {
    const reference = c.req.param("backfill");
    return c.json(schedules.findBackfill(reference) ?? missing(reference));
  });
  app.get("/api/backfills/:backfill/dues", (c) => {
    onlyQueries(c.req, ["limit", "after"]);
    const reference = c.req.param("backfill");
    const after = wholeNumber(c.req, "after", { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? -1;
    const page = { after, limit: limitOf(c, 1_000) };
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
  const { dryRun, from, to, schedule, overlap } = await readBody(c.req, Body);
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
  const answer = schedules.beginBackfill(request);
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

function limitOf(c: Context, max: number): number {
  return wholeNumber(c.req, "limit", { min: 1, max }) ?? LISTED_DEFAULT;
}
