import type { Context, Hono, HonoRequest } from "hono";
import * as v from "valibot";
import type { ApiDeps } from "./api-deps.ts";
import type { EventFilter } from "./event-client.ts";
import { CLIENTS_MAX } from "./event-feed.ts";
import { Problem } from "./problems.ts";
import { badQuery } from "./query-fields.ts";
import { listField, readQuery, switchField, textField } from "./query-schema.ts";
import { requireRun } from "./require.ts";

const FLOWS_MAX = 50;

/** What `GET /api/events` can be asked. */
export const EventsQuery = v.strictObject({
  flow: listField("Only of these flows.", { max: FLOWS_MAX }),
  run: textField("Only of the run with this id or name."),
  tasks: switchField("Whether to tell of task runs too."),
  lines: switchField("Whether to tell when the run of `run` wrote more lines."),
});
/** The number of the last transition that a client knows. */
export const LastEventId = v.pipe(v.string(), v.regex(/^\d{1,15}$/));

/** `GET /api/events`: what is committed, as server-sent events. */
export function addEventRoutes(app: Hono, deps: Pick<ApiDeps, "history" | "feed">): void {
  app.get("/api/events", async (c) => {
    const filter = await filterOf(c.req, deps);
    const lastSeq = lastSeqOf(c);
    const headers = { "content-type": "text/event-stream", "x-accel-buffering": "no" };
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const joining = { filter, ...(lastSeq === undefined ? {} : { lastSeq }) };
    const stream = deps.feed.join(joining);
    if (stream !== undefined) return c.body(stream, 200, headers);
    throw new Problem(503, `Cannot tell of events: ${CLIENTS_MAX} clients listen already`);
  });
}

async function filterOf(
  request: HonoRequest,
  deps: Pick<ApiDeps, "history">,
): Promise<EventFilter> {
  const { flow: flows = [], run: reference, ...asked } = readQuery(request, EventsQuery);
  const { tasks = false, lines = false } = asked;
  const run = reference === undefined ? undefined : await requireRun(deps, reference);
  if (lines && run === undefined) throw badQuery("lines", "it wants a run too: run=…");
  return {
    key: JSON.stringify([flows.toSorted(), run?.id, tasks]),
    tasks,
    lines,
    ...(flows.length === 0 ? {} : { flows: new Set(flows) }),
    ...(run === undefined ? {} : { run: { id: run.id, no: run.no } }),
  };
}

/** Browsers send the header by themselves when they connect again. */
function lastSeqOf({ req }: Context): number | undefined {
  const text = req.header("last-event-id");
  if (text === undefined || text === "") return undefined;
  if (v.is(LastEventId, text)) return Number(text);
  throw new Problem(400, 'Cannot read header "Last-Event-ID": expected the id of an event', {
    field: "Last-Event-ID",
  });
}
