import { EventsQuery } from "../event-routes.ts";
import { OutcomesQuery, RecentRunsQuery } from "../overview-routes.ts";
import { NoBody } from "../read-body.ts";
import { ResumeBody } from "../run-actions.ts";
import { RunsQuery } from "../run-query.ts";
import { LogsQuery } from "../run-routes.ts";
import { BulkBody, TriggerBody } from "../trigger-body.ts";
import { listOf, pageOf } from "./answer-schema.ts";
import { type Operation, ok, paged, textAnswer } from "./operation.ts";
import { LogLine, OutcomesAnswer, RecentRuns, Run, TaskRun, Transition } from "./run-answers.ts";

export const RUN_OPERATIONS: readonly Operation[] = [
  {
    id: "triggerRun",
    route: "POST /api/flows/{flow}/runs",
    tag: "Runs",
    summary: "makes a run; 409 where the overlap policy refuses",
    headers: ["Idempotency-Key"],
    body: TriggerBody,
    answers: {
      201: {
        text: "The run as it is now; or the one that was made with the same key before.",
        schema: Run,
        headers: ["Location", "Idempotency-Replayed"],
      },
    },
    problems: [404, 409, 422, 503],
    example: { path: "/api/flows/backup/runs", body: { parameters: { day: "mon" }, priority: 7 } },
  },
  {
    id: "triggerRuns",
    route: "POST /api/runs/bulk",
    tag: "Runs",
    summary: "makes up to 500 runs, all or none",
    body: BulkBody,
    answers: { 201: { text: "The runs, in the same order.", schema: listOf(Run) } },
    problems: [404, 409, 422, 503],
    example: { body: { items: [{ flow: "backup" }, { flow: "nightly-report" }] } },
  },
  {
    id: "listRuns",
    route: "GET /api/runs",
    tag: "Runs",
    summary: "runs, newest first",
    query: RunsQuery,
    answers: paged("Runs.", pageOf(Run)),
    example: { path: "/api/runs?flow=backup&state=!completed&since=7d" },
  },
  {
    id: "getRun",
    route: "GET /api/runs/{run}",
    tag: "Runs",
    summary: "one run; 409 if the first characters fit several",
    answers: ok("The run.", Run),
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1" },
  },
  {
    id: "listTransitions",
    route: "GET /api/runs/{run}/transitions",
    tag: "Runs",
    summary: "its changes of state and those of its tasks",
    answers: ok("In the order in which they were.", listOf(Transition)),
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/transitions" },
  },
  {
    id: "listTaskRuns",
    route: "GET /api/runs/{run}/tasks",
    tag: "Runs",
    summary: "its task runs, in the order in which they were made",
    answers: ok("Task runs.", listOf(TaskRun)),
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/tasks" },
  },
  {
    id: "listLogs",
    route: "GET /api/runs/{run}/logs",
    tag: "Runs",
    summary: "its log lines `after` a number or the `tail`, of a `level` and graver",
    query: LogsQuery,
    answers: ok("Lines, oldest first.", pageOf(LogLine)),
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/logs?level=warn&tail=50" },
  },
  {
    id: "cancelRun",
    route: "POST /api/runs/{run}/cancel",
    tag: "Runs",
    summary: "asks it to stop; 409 when it is over",
    body: NoBody,
    answers: { 202: { text: "The run as it is now.", schema: Run } },
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/cancel" },
  },
  {
    id: "retryRun",
    route: "POST /api/runs/{run}/retry",
    tag: "Runs",
    summary:
      "executes it again as a further attempt, in which tasks with `persist` that completed are not executed; 409 when it is not over",
    body: NoBody,
    answers: { 201: { text: "The run as it is now.", schema: Run, headers: ["Location"] } },
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/retry" },
  },
  {
    id: "resumeRun",
    route: "POST /api/runs/{run}/resume",
    tag: "Runs",
    summary: "lets it go on with the `input` it asked for, if any; 409 when it is not paused",
    body: ResumeBody,
    answers: { 202: { text: "The run as it is now.", schema: Run } },
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/resume", body: { input: { approved: true } } },
  },
  {
    id: "listRecentRuns",
    route: "GET /api/recent-runs",
    tag: "Runs",
    summary: "the newest `n` runs (40) of each `flow`, which is repeated, as charts want them",
    query: RecentRunsQuery,
    answers: ok("Newest first, by flow.", RecentRuns),
    example: { path: "/api/recent-runs?flow=backup&flow=nightly-report&n=10" },
  },
  {
    id: "listOutcomes",
    route: "GET /api/outcomes",
    tag: "Runs",
    summary:
      "how the runs of each `flow` ended since a time, counted `every` so many minutes; and with `ahead`, when it is due",
    query: OutcomesQuery,
    answers: ok("Oldest first, by flow.", listOf(OutcomesAnswer)),
    example: { path: "/api/outcomes?flow=backup&since=24h&every=15" },
  },
  {
    id: "streamEvents",
    route: "GET /api/events",
    tag: "Runs",
    summary: "what is committed, as server-sent events",
    query: EventsQuery,
    headers: ["Last-Event-ID"],
    answers: textAnswer("Events, until somebody hangs up.", "text/event-stream"),
    problems: [404, 409, 503],
    example: { path: "/api/events?flow=backup&tasks=1" },
  },
];
