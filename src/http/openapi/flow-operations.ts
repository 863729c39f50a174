import { BackfillBody, BackfillDuesQuery, BackfillsQuery } from "../backfill-routes.ts";
import { DecisionsQuery } from "../delivery-routes.ts";
import { ExplainQuery } from "../explain-routes.ts";
import { NoBody } from "../read-body.ts";
import { PauseBody } from "../schedule-pause-routes.ts";
import { DuesQuery } from "../upcoming-routes.ts";
import { listOf, pageOf } from "./answer-schema.ts";
import { Flow } from "./flow-answers.ts";
import { type Operation, ok, paged } from "./operation.ts";
import {
  Backfill,
  BackfillDues,
  BackfillPlanAnswer,
  Decision,
  DueTime,
  Explanation,
  Paused,
} from "./schedule-answers.ts";

export const FLOW_OPERATIONS: readonly Operation[] = [
  {
    id: "listFlows",
    route: "GET /api/flows",
    tag: "Flows",
    summary: "the flows with schedules, next due time, last run and limits",
    answers: ok("In the order of the config.", listOf(Flow)),
    example: {},
  },
  {
    id: "getFlow",
    route: "GET /api/flows/{flow}",
    tag: "Flows",
    summary: "one flow; `parametersSchema` is the JSON Schema of its parameters, for forms",
    answers: ok("The flow.", Flow),
    problems: [404],
    example: { path: "/api/flows/backup" },
  },
  {
    id: "listUpcomingOfFlow",
    route: "GET /api/flows/{flow}/upcoming",
    tag: "Flows",
    summary:
      "its due times after `from` and up to `to`, at most `n` (10, up to 500), with what clock changes do to them; those of paused schedules are none",
    query: DuesQuery,
    answers: ok("Soonest first.", listOf(DueTime)),
    problems: [404],
    example: { path: "/api/flows/nightly-report/upcoming?n=3" },
  },
  {
    id: "listUpcoming",
    route: "GET /api/upcoming",
    tag: "Flows",
    summary: "the same of all flows",
    query: DuesQuery,
    answers: ok("Soonest first.", listOf(DueTime)),
    example: { path: "/api/upcoming?to=2026-02-01T00:00:00Z" },
  },
  {
    id: "explainFlow",
    route: "GET /api/flows/{flow}/explain",
    tag: "Flows",
    summary:
      "why it did, or did not, run `at` a time, or at its latest due time: `verdict`, `sentences`, `facts`",
    query: ExplainQuery,
    answers: ok("The answer, and what it was drawn from.", Explanation),
    problems: [404],
    example: { path: "/api/flows/nightly-report/explain?at=2026-01-31T02:00:00Z" },
  },
  {
    id: "pauseFlow",
    route: "POST /api/flows/{flow}/pause",
    tag: "Flows",
    summary: "lets its schedules rest, or one `schedule` of them, with a `reason`",
    body: PauseBody,
    answers: ok("What rests then.", Paused),
    problems: [404, 503],
    example: {
      path: "/api/flows/nightly-report/pause",
      body: { schedule: "hourly", reason: "the database moves" },
    },
  },
  {
    id: "resumeFlow",
    route: "POST /api/flows/{flow}/resume",
    tag: "Flows",
    summary: "lets them go on from now",
    body: PauseBody,
    answers: ok("What rests then.", Paused),
    problems: [404, 503],
    example: { path: "/api/flows/nightly-report/resume" },
  },
  {
    id: "backfillFlow",
    route: "POST /api/flows/{flow}/backfill",
    tag: "Flows",
    summary: "makes the runs of due times that have passed and have none",
    body: BackfillBody,
    answers: {
      201: { text: "The backfill, which goes on.", schema: Backfill, headers: ["Location"] },
      200: { text: "What it would do, with `dryRun`.", schema: BackfillPlanAnswer },
    },
    problems: [404, 422, 503],
    example: {
      path: "/api/flows/nightly-report/backfill",
      body: { from: "2026-01-01T00:00:00Z", to: "2026-01-31T00:00:00Z" },
      status: 201,
    },
  },
  {
    id: "listBackfills",
    route: "GET /api/backfills",
    tag: "Flows",
    summary: "backfills, newest first, at most `limit` (50, up to 200)",
    query: BackfillsQuery,
    answers: ok("Newest first.", listOf(Backfill)),
    example: {},
  },
  {
    id: "getBackfill",
    route: "GET /api/backfills/{backfill}",
    tag: "Flows",
    summary: "how far one has come",
    answers: ok("The backfill.", Backfill),
    problems: [404],
    example: { path: "/api/backfills/0190a5b0" },
  },
  {
    id: "listBackfillDues",
    route: "GET /api/backfills/{backfill}/dues",
    tag: "Flows",
    summary:
      "its due times, oldest first, each with its run or why it has none; `limit` (50, up to 1,000), `after` the `next` of the page before",
    query: BackfillDuesQuery,
    answers: ok("Oldest first.", BackfillDues),
    problems: [404],
    example: { path: "/api/backfills/0190a5b0/dues?limit=10" },
  },
  {
    id: "cancelBackfill",
    route: "POST /api/backfills/{backfill}/cancel",
    tag: "Flows",
    summary: "makes no more of its runs and cancels those that wait",
    body: NoBody,
    answers: { 202: { text: "The backfill as it is now.", schema: Backfill } },
    problems: [404, 503],
    example: { path: "/api/backfills/0190a5b0/cancel" },
  },
  {
    id: "listDecisions",
    route: "GET /api/decisions",
    tag: "Flows",
    summary: "due times that became no run, newest first",
    query: DecisionsQuery,
    answers: paged("Newest first.", pageOf(Decision)),
    example: { path: "/api/decisions?flow=backup&kind=missed" },
  },
];
