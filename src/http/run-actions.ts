import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { Json } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import { runView } from "../domain/run-view.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem, quoted } from "./problems.ts";
import { NoBody, readBody } from "./read-body.ts";
import { noSuchFlow, requireRun } from "./require.ts";

export const ResumeBody = v.strictObject({
  input: v.optional(
    v.pipe(
      v.custom<Json>(() => true),
      v.description("What the flow asked for."),
    ),
  ),
});

/** `POST /api/runs/:run/cancel`, `/retry` and `/resume`: each answers the run as it is afterwards. */
export function addRunActions(app: Hono, deps: ApiDeps): void {
  const run = (c: Context) => requireRun(deps, c.req.param("run") ?? "");
  app.post("/api/runs/:run/cancel", async (c) => answerCancel(c, deps, await run(c)));
  app.post("/api/runs/:run/retry", async (c) => {
    await readBody(c.req, NoBody);
    return answerRetry(c, deps, await run(c));
  });
  app.post("/api/runs/:run/resume", async (c) => answerResume(c, deps, await run(c)));
}

async function answerCancel(c: Context, deps: ApiDeps, run: Run): Promise<Response> {
  await readBody(c.req, NoBody);
  const answer = await deps.commands.cancel(run);
  const now = await requireRun(deps, run.id);
  if (answer !== "too-late") return c.json(runView(now), 202);
  throw conflict(now, `Cannot cancel run ${quoted(now.name)}: it is over, and ${now.state.name}`);
}

async function answerRetry(c: Context, deps: ApiDeps, run: Run): Promise<Response> {
  const answer = await deps.commands.rerun(run);
  const now = await requireRun(deps, run.id);
  switch (answer) {
    case "scheduled":
      c.header("location", `/api/runs/${now.id}`);
      return c.json(runView(now), 201);
    case "not-over":
      throw conflict(
        now,
        `Cannot retry run ${quoted(now.name)}: it is not over, but ${now.state.name}`,
      );
    case "no-such-flow":
      throw noSuchFlow(
        now.flow,
        deps.generation().manifest.flows.map(({ name }) => name),
      );
  }
}

async function answerResume(c: Context, deps: ApiDeps, run: Run): Promise<Response> {
  const { input } = await readBody(c.req, ResumeBody);
  const answer = await deps.commands.resume(run, input ?? null);
  const now = await requireRun(deps, run.id);
  if (answer === "resumed") return c.json(runView(now), 202);
  throw conflict(
    now,
    `Cannot resume run ${quoted(now.name)}: it is not paused, but ${now.state.name}`,
  );
}

function conflict({ state }: Run, detail: string): Problem {
  return new Problem(409, detail, { state: state.type });
}
