import type { Hono } from "hono";
import * as v from "valibot";
import { MOMENTS } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { TrialAnswer, TrialRequest, TrialView } from "../domain/trial.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem, quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";

const REFERENCE_MAX = 500;
const KNOWN_SHOWN = 20;

export const TestBody = v.strictObject({
  run: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(200, "at most 200 characters"),
      v.description("Id or name of a past run; without one, a run is made up."),
    ),
  ),
  moment: v.optional(v.picklist(MOMENTS)),
  send: v.optional(
    v.pipe(v.boolean(), v.description("Whether what it does outside is really done.")),
    false,
  ),
});

/** `POST /api/hooks/:hook/test`: performs a hook of the newest config against a past or made-up run. */
export function addHookTestRoute(app: Hono, { tryHook }: Pick<ApiDeps, "tryHook">): void {
  if (tryHook === undefined) return;
  app.post("/api/hooks/:hook/test", async (c) => {
    const hook = c.req.param("hook").slice(0, REFERENCE_MAX);
    const { run, moment, send } = await readBody(c.req, TestBody);
    const request = {
      hook,
      send,
      ...(run === undefined ? {} : { run }),
      ...(moment === undefined ? {} : { moment }),
    };
    return c.json(triedOf(request, await tryHook(request)));
  });
}

function triedOf({ hook, run = "" }: TrialRequest, answer: TrialAnswer): TrialView {
  switch (answer.type) {
    case "tried":
      return answer.trial;
    case "no-such-hook":
      throw noSuchHook(hook, answer.known);
    case "ambiguous-hook": {
      const keys = answer.keys.map((key) => quoted(key)).join(", ");
      const why = `${answer.keys.length} hooks have this name; give the key of one: ${keys}`;
      throw new Problem(409, `Cannot tell which hook ${quoted(hook)} is: ${why}`, {
        keys: answer.keys,
      });
    }
    case "no-such-run":
      throw new Problem(404, `Cannot find run ${quoted(run)}: no run has this id or name`);
    case "ambiguous-run": {
      const why = "several ids begin with it; give more of the id";
      throw new Problem(409, `Cannot tell which run ${quoted(run)} is: ${why}`);
    }
    case "unfit":
      throw new Problem(422, `Cannot try hook ${quoted(hook)}: ${answer.why}`);
  }
}

function noSuchHook(name: string, all: readonly string[]): Problem {
  const meant = nearest(name, all);
  const known = all.slice(0, KNOWN_SHOWN);
  return new Problem(404, `Cannot find hook ${quoted(name)}: ${hintOf(meant, known)}`, {
    known,
    ...(meant === undefined ? {} : { nearest: meant }),
  });
}

function hintOf(meant: string | undefined, known: readonly string[]): string {
  if (meant !== undefined) return `did you mean ${quoted(meant)}?`;
  return known.length === 0 ? "the config has no hook" : `the config has ${known.join(", ")}`;
}
