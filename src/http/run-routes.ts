import type { Context, Hono, HonoRequest } from "hono";
import * as v from "valibot";
import type { LogLevel } from "../domain/executor.ts";
import { runView } from "../domain/run-view.ts";
import type { ApiDeps } from "./api-deps.ts";
import { answerPage } from "./pages.ts";
import { readQuery, wholeNumberField, wordField } from "./query-schema.ts";
import { requireRun } from "./require.ts";
import { runQuery } from "./run-query.ts";

const LOGS_MAX = 1_000;
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What `GET /api/runs/:run/logs` can be asked. */
export const LogsQuery = v.strictObject({
  after: wholeNumberField("Only lines with a greater number: the `next` of the page before.", {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  level: wordField("This level and the graver ones.", LEVELS),
  tail: wholeNumberField("Only the last so many lines.", { min: 0, max: LOGS_MAX }),
  limit: wholeNumberField("How many at most.", { min: 1, max: LOGS_MAX, preset: LOGS_MAX }),
});

type RunDeps = Pick<ApiDeps, "history" | "clock">;

/** `GET /api/runs`, `/api/runs/:run` and what belongs to a run. What changes one is in `run-actions.ts`. */
export function addRunRoutes(app: Hono, deps: RunDeps): void {
  const { history } = deps;
  const run = (c: Context) => requireRun(deps, c.req.param("run") ?? "");

  app.get("/api/runs", (c) => answerRuns(c, deps));
  app.get("/api/runs/:run", async (c) => c.json(runView(await run(c))));
  app.get("/api/runs/:run/transitions", async (c) => {
    return c.json({ items: await history.listTransitions(await run(c)) });
  });
  app.get("/api/runs/:run/tasks", async (c) => {
    return c.json({ items: await history.listTaskRuns(await run(c)) });
  });
  app.get("/api/runs/:run/logs", async (c) => {
    const query = logQuery(c.req);
    const items = await history.listLogs(await run(c), query);
    const last = items.length === query.limit ? items.at(-1) : undefined;
    return c.json({ items, ...(last === undefined ? {} : { next: String(last.no) }) });
  });
}

async function answerRuns(c: Context, { history, clock }: RunDeps): Promise<Response> {
  const query = runQuery(c.req, clock());
  // One more than asked for tells whether there is a next page.
  const found = await history.listRuns({ ...query, limit: query.limit + 1 });
  const items = found.slice(0, query.limit);
  const next = found.length > query.limit ? items.at(-1)?.no : undefined;
  return answerPage(c, { items: items.map(runView), ...(next === undefined ? {} : { next }) });
}

function logQuery(request: HonoRequest) {
  const { limit = LOGS_MAX, ...asked } = readQuery(request, LogsQuery);
  const { after, tail, level } = asked;
  return {
    ...(after === undefined ? {} : { after }),
    ...(tail === undefined ? {} : { tail }),
    ...(level === undefined ? {} : { level }),
    limit,
  };
}
