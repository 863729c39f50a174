import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { PauseAnswer, PauseRequest } from "../domain/schedule-pause.ts";
import type { ApiDeps } from "./api-deps.ts";
import { whoAsks } from "./caller.ts";
import { Problem, quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";
import { noSuchFlow } from "./require.ts";
import { requireWritable } from "./require-writable.ts";

const REASON_MAX = 500;

/** The body of both. */
export const PauseBody = v.strictObject({
  schedule: v.optional(v.string()),
  reason: v.optional(
    v.pipe(v.string(), v.maxLength(REASON_MAX, `at most ${REASON_MAX} characters`)),
  ),
});

/** `POST /api/flows/:flow/pause` and `/resume`: a flow, or one of its schedules. */
export function addSchedulePauseRoutes(app: Hono, deps: ApiDeps): void {
  const { schedules } = deps;
  if (schedules === undefined) return;
  app.post("/api/flows/:flow/pause", (c) => answer(c, deps, schedules.pause));
  app.post("/api/flows/:flow/resume", (c) => answer(c, deps, schedules.resume));
}

async function answer(
  c: Context,
  deps: ApiDeps,
  perform: (request: PauseRequest) => Promise<PauseAnswer>,
): Promise<Response> {
  const { schedule, reason } = await readBody(c.req, PauseBody);
  requireWritable(deps);
  const flow = c.req.param("flow") ?? "";
  const more = {
    ...(schedule === undefined ? {} : { schedule }),
    ...(reason === undefined ? {} : { reason }),
  };
  const done = await perform({ flow, by: whoAsks(c), ...more });
  switch (done.type) {
    case "no-such-flow":
      throw noSuchFlow(
        flow,
        deps.generation().manifest.flows.map(({ name }) => name),
      );
    case "no-such-schedule":
      throw noSuchSchedule({ flow, schedule, known: done.known });
    case "done": {
      const { changed, pauses, pausedInConfig } = done;
      return c.json({ flow, changed, pauses, pausedInConfig });
    }
  }
}

interface Missing {
  readonly flow: string;
  readonly schedule: string | undefined;
  readonly known: readonly string[];
}

export function noSuchSchedule({ flow, schedule = "", known }: Missing): Problem {
  const hint = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  const detail = `Cannot find schedule ${quoted(schedule)} of flow ${quoted(flow)}: ${hint}`;
  return new Problem(404, detail, { known });
}
