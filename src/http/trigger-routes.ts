import type { Hono } from "hono";
import { runView } from "../domain/run-view.ts";
import type { BulkAnswer, TriggerAnswer } from "../engine/commands.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem, quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";
import { noSuchFlow } from "./require.ts";
import { BulkBody, idempotencyKeyOf, TriggerBody, triggerRequest } from "./trigger-body.ts";

/** `POST /api/flows/:flow/runs` and `POST /api/runs/bulk`. */
export function addTriggerRoutes(app: Hono, { commands }: ApiDeps): void {
  app.post("/api/flows/:flow/runs", async (c) => {
    const key = idempotencyKeyOf(c.req.header("idempotency-key"));
    const body = await readBody(c.req, TriggerBody);
    const answer = await commands.trigger(triggerRequest(c.req.param("flow"), body, key));
    if (answer.type !== "created" && answer.type !== "known") throw refusal(answer);
    if (answer.type === "known") c.header("idempotency-replayed", "true");
    c.header("location", `/api/runs/${answer.run.id}`);
    return c.json(runView(answer.run), 201);
  });
  app.post("/api/runs/bulk", async (c) => {
    const { items } = await readBody(c.req, BulkBody);
    const requests = items.map(({ flow, idempotencyKey, ...body }) =>
      triggerRequest(flow, body, idempotencyKey),
    );
    const answer = await commands.triggerMany(requests);
    if (answer.type === "refused") throw bulkRefusal(answer);
    return c.json({ items: answer.runs.map(runView) }, 201);
  });
}

type Refusal = Exclude<TriggerAnswer, { type: "created" | "known" }>;

function bulkRefusal({ index, answer }: Extract<BulkAnswer, { type: "refused" }>): Problem {
  const problem = refusal(answer);
  const detail = `Cannot create any of the runs: items[${index}]: ${problem.message}`;
  return new Problem(problem.status, detail, { ...problem.extras, index });
}

function refusal(answer: Refusal): Problem {
  switch (answer.type) {
    case "no-such-flow":
      return noSuchFlow(answer.flow, answer.known);
    case "key-reused":
      return new Problem(
        422,
        `Cannot use the idempotency key again: run ${quoted(answer.run.name)} was made with it from another request`,
        { run: answer.run.id },
      );
    case "unavailable":
      return new Problem(
        503,
        `Cannot create a run: nothing can be saved since ${new Date(answer.since).toISOString()}: ${answer.why}; ask again later`,
      );
    case "overlaps": {
      const { id, name, flow, state } = answer.blockedBy;
      return new Problem(
        409,
        `Cannot run flow ${quoted(flow)}: its run ${quoted(name)} is still ${state.name}, and the flow's overlap policy allows one; ask with overlap "allow" to run it all the same`,
        { blockedBy: id },
      );
    }
  }
}
