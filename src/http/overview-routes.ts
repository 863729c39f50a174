import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { FlowSpec } from "../domain/flow.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { Outcomes } from "../store/run-history.ts";
import type { ApiDeps } from "./api-deps.ts";
import { badQuery } from "./query-fields.ts";
import { pastTimeField, readQuery, wholeNumberField } from "./query-schema.ts";

const FLOWS_MAX = 100;
const RUNS_DEFAULT = 40;
const RUNS_MAX = 500;
/** Runs that one answer looks at, whatever is asked for: it holds up everything else meanwhile. */
const LOOKED_AT_MAX = 10_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Bins to come of which it is told whether a flow is due in them. */
const AHEAD_MAX = 50;

const EVERY_DEFAULT = 15;
const FLOWS_WANTED = `expected it once for each flow, at least one and at most ${FLOWS_MAX}`;

/** Repeated, not in a list with commas: these are names from the page, which may have any. */
const Flows = v.pipe(
  v.optional(v.union([v.string(), v.array(v.string())]), []),
  v.metadata({
    text: "Flows; once for each.",
    sentAs: { type: "array", minItems: 1, maxItems: FLOWS_MAX, items: { type: "string" } },
    isRequired: true,
    isRepeated: true,
  }),
  v.transform((given) => [...new Set([given].flat())]),
  v.check((flows) => flows.length >= 1 && flows.length <= FLOWS_MAX, FLOWS_WANTED),
);

/** What `GET /api/recent-runs` can be asked. */
export const RecentRunsQuery = v.strictObject({
  flow: Flows,
  n: wholeNumberField("How many of each flow.", { min: 1, max: RUNS_MAX, preset: RUNS_DEFAULT }),
});
/** What `GET /api/outcomes` can be asked. */
export const OutcomesQuery = v.strictObject({
  flow: Flows,
  since: pastTimeField("Made at or after this time, or so long ago; a day without it."),
  every: wholeNumberField("How many minutes are counted together.", {
    min: 1,
    max: DAY_MINUTES,
    preset: EVERY_DEFAULT,
  }),
  ahead: wholeNumberField(
    "Tells the due times of so many minutes to come; 50 times `every`, at most.",
    {
      min: 1,
      max: DAY_MINUTES * AHEAD_MAX,
    },
  ),
});

/** How the runs of a flow ended, and when it is due. */
export interface OutcomesView extends Outcomes {
  /** With `ahead`: the first due time in each bin to come that has one. */
  readonly dues?: readonly string[];
}

/** `GET /api/recent-runs` and `/api/outcomes`: what charts are drawn of, for several flows at once. */
export function addOverviewRoutes(app: Hono, deps: ApiDeps): void {
  const { history } = deps;
  app.get("/api/recent-runs", async (c) => {
    const { flow: flows, n: asked = RUNS_DEFAULT } = readQuery(c.req, RecentRunsQuery);
    const n = Math.min(asked, Math.floor(LOOKED_AT_MAX / flows.length));
    const items = flows.map(async (flow) => ({ flow, runs: await history.recentRuns(flow, n) }));
    return c.json({ items: await Promise.all(items) });
  });
  app.get("/api/outcomes", (c) => answerOutcomes(c, deps));
}

async function answerOutcomes(c: Context, deps: ApiDeps): Promise<Response> {
  const { flow: flows, since, every = EVERY_DEFAULT, ahead } = readQuery(c.req, OutcomesQuery);
  const now = deps.clock();
  if (ahead !== undefined && ahead > every * AHEAD_MAX) {
    throw badQuery("ahead", `expected a whole number from 1 to ${every * AHEAD_MAX}`);
  }
  const query = {
    since: since?.(now) ?? now - DAY_MINUTES * MINUTE_MS,
    everyMs: every * MINUTE_MS,
    runsMax: Math.floor(LOOKED_AT_MAX / flows.length),
  };
  const duesOf = ahead === undefined ? () => ({}) : duesAhead(deps, { now, every, ahead });
  const items = flows.map(async (flow): Promise<OutcomesView> => {
    return { ...(await deps.history.outcomes(flow, query)), ...duesOf(flow) };
  });
  return c.json({ items: await Promise.all(items) });
}

interface Ahead {
  readonly now: Instant;
  /** The length of a bin, and of all that is to come, in minutes. */
  readonly every: number;
  readonly ahead: number;
}

/** The first due time in each bin: a flow that is due every second costs no more than others. */
function duesAhead({ generation, upcoming }: ApiDeps, { now, every, ahead }: Ahead) {
  const specs = new Map<string, FlowSpec>(
    generation().manifest.flows.map((flow) => [flow.name, flow]),
  );
  const everyMs = every * MINUTE_MS;
  const to = instant(now + ahead * MINUTE_MS);
  return (name: string): Pick<OutcomesView, "dues"> => {
    const flow = specs.get(name);
    const dues: string[] = [];
    let from = now;
    while (flow !== undefined && from < to) {
      const due = upcoming?.([flow], { n: 1, from, to })[0]?.dueAt;
      if (due === undefined) break;
      dues.push(due);
      from = instant((Math.floor(Date.parse(due) / everyMs) + 1) * everyMs - 1);
    }
    return { dues };
  };
}
