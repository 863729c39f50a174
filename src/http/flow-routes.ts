import type { Hono } from "hono";
import type { FlowSpec } from "../domain/flow.ts";
import type { Run } from "../domain/run.ts";
import { type InWords, loadInWords } from "../schedule/in-words.ts";
import type { ApiDeps } from "./api-deps.ts";
import { type FlowView, flowView } from "./flow-view.ts";
import { requireFlow } from "./require.ts";

/** `GET /api/flows` and `/api/flows/:flow`. */
export function addFlowRoutes(app: Hono, deps: ApiDeps): void {
  app.get("/api/flows", async (c) => {
    const told = await toldOf(deps);
    const items = deps.generation().manifest.flows.map((flow) => viewOf(deps, flow, told));
    return c.json({ items });
  });
  app.get("/api/flows/:flow", async (c) => {
    const flow = requireFlow(deps, c.req.param("flow"));
    return c.json(viewOf(deps, flow, await toldOf(deps)));
  });
}

interface Told {
  readonly latest: ReadonlyMap<string, Run>;
  readonly inWords: InWords;
}

async function toldOf({ history }: ApiDeps): Promise<Told> {
  const [latest, inWords] = await Promise.all([history.latestRuns(), loadInWords()]);
  return { latest, inWords };
}

function viewOf(deps: ApiDeps, flow: FlowSpec, { latest, inWords }: Told): FlowView {
  const nextDueAt = deps.upcoming?.([flow], { n: 1 })[0]?.dueAt;
  const pauses = deps.schedules?.pauses(flow.name) ?? [];
  return flowView(flow, { lastRun: latest.get(flow.name), nextDueAt, inWords, pauses });
}
