import type { Context, Hono, HonoRequest } from "hono";
import type { ApiDeps } from "./api-deps.ts";
import type { EventFilter } from "./event-client.ts";
import { CLIENTS_MAX } from "./event-feed.ts";
import { Problem } from "./problems.ts";
import { badQuery, onlyQueries } from "./query-fields.ts";
import { requireRun } from "./require.ts";

const FLOWS_MAX = 50;
const SEQ = /^\d{1,15}$/;

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
  onlyQueries(request, ["flow", "run", "tasks"]);
  const flows = (request.queries("flow") ?? [])
    .flatMap((list) => list.split(","))
    .map((flow) => flow.trim())
    .filter((flow) => flow !== "");
  if (flows.length > FLOWS_MAX) throw badQuery("flow", `expected at most ${FLOWS_MAX} flows`);
  const reference = request.query("run");
  const run = reference === undefined ? undefined : await requireRun(deps, reference);
  const tasks = tasksOf(request.query("tasks"));
  return {
    key: JSON.stringify([flows.toSorted(), run?.id, tasks]),
    tasks,
    ...(flows.length === 0 ? {} : { flows: new Set(flows) }),
    ...(run === undefined ? {} : { run: { id: run.id, no: run.no } }),
  };
}

function tasksOf(text: string | undefined): boolean {
  if (text === undefined || text === "0" || text === "false") return false;
  if (text === "1" || text === "true") return true;
  throw badQuery("tasks", "expected 1 or 0");
}

/** Browsers send the header by themselves when they connect again. */
function lastSeqOf({ req }: Context): number | undefined {
  const text = req.header("last-event-id");
  if (text === undefined || text === "") return undefined;
  if (SEQ.test(text)) return Number(text);
  throw new Problem(400, 'Cannot read header "Last-Event-ID": expected the id of an event', {
    field: "Last-Event-ID",
  });
}
