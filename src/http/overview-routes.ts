import type { Context, Hono } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import { badQuery, onlyQueries, pastInstant, wholeNumber } from "./query-fields.ts";

const FLOWS_MAX = 100;
const RUNS_DEFAULT = 40;
const RUNS_MAX = 500;
/** Runs that one answer looks at, whatever is asked for: it holds up everything else meanwhile. */
const LOOKED_AT_MAX = 10_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** `GET /api/recent-runs` and `/api/outcomes`: what charts are drawn of, for several flows at once. */
export function addOverviewRoutes(app: Hono, { history, clock }: ApiDeps): void {
  app.get("/api/recent-runs", async (c) => {
    onlyQueries(c.req, ["flow", "n"]);
    const flows = flowsIn(c);
    const asked = wholeNumber(c.req, "n", { min: 1, max: RUNS_MAX }) ?? RUNS_DEFAULT;
    const n = Math.min(asked, Math.floor(LOOKED_AT_MAX / flows.length));
    const items = flows.map(async (flow) => ({ flow, runs: await history.recentRuns(flow, n) }));
    return c.json({ items: await Promise.all(items) });
  });
  app.get("/api/outcomes", async (c) => {
    onlyQueries(c.req, ["flow", "since", "every"]);
    const flows = flowsIn(c);
    const now = clock();
    const query = {
      since: pastInstant(c.req, "since", now) ?? now - DAY_MINUTES * MINUTE_MS,
      everyMs:
        (wholeNumber(c.req, "every", { min: 1, max: DAY_MINUTES }) ?? DAY_MINUTES / 96) * MINUTE_MS,
      runsMax: Math.floor(LOOKED_AT_MAX / flows.length),
    };
    const items = flows.map((flow) => history.outcomes(flow, query));
    return c.json({ items: await Promise.all(items) });
  });
}

/** Repeated, not in a list with commas: these are names from the page, which may have any. */
function flowsIn(c: Context): readonly string[] {
  const flows = [...new Set(c.req.queries("flow") ?? [])];
  if (flows.length >= 1 && flows.length <= FLOWS_MAX) return flows;
  throw badQuery("flow", `expected it once for each flow, at least one and at most ${FLOWS_MAX}`);
}
