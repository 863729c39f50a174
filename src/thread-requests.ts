import type { Blocks } from "./domain/blocks.ts";
import type { RunId } from "./domain/ids.ts";
import { type Clock, instant } from "./domain/instant.ts";
import type { Json } from "./domain/json.ts";
import type { Run } from "./domain/run.ts";
import { runView } from "./domain/run-view.ts";
import type { ThreadRequest } from "./domain/thread-request.ts";
import type { Engine } from "./engine/engine.ts";
import { findCached } from "./store/kept-results.ts";
import type { Store } from "./store/open-store.ts";
import type { RunHistory } from "./store/run-history.ts";

export interface RequestParts {
  readonly blocks: Blocks;
  readonly store: Store;
  readonly history: RunHistory;
  readonly clock: Clock;
  /** A thread may ask before the engine has quite started. */
  readonly engine: () => Promise<Engine>;
}

/** What flows, tasks and hooks may ask of the main thread. `run` is the asking flow's, if a flow asks. */
export async function answerThreadRequest(
  parts: RequestParts,
  request: ThreadRequest,
  { run }: { readonly run?: RunId },
): Promise<Json> {
  const { blocks, store, history, clock } = parts;
  switch (request.kind) {
    case "block-load":
      return await blocks.load(...placeOf(request.reference));
    case "block-save":
      await blocks.save(request);
      return null;
    case "block-delete":
      await blocks.delete(...placeOf(request.reference));
      return null;
    case "cache-load":
      return { ...findCached(store.reader, { ...request, now: clock() }) };
    case "reports-saved":
      await store.saved();
      return null;
    case "trigger":
      return viewed(await triggered(parts, request));
    case "child-run":
      return answerOf(await childOf(parts, request, run));
    case "find-run":
      return viewedIfFound(await history.findRun(request.run));
    case "cancel-run":
      return await cancelled(parts, request.run);
    case "list-runs":
      return await listed(history, request);
  }
}

function placeOf(reference: string): [type: string, name: string] {
  const slash = reference.indexOf("/");
  if (slash <= 0) {
    throw new Error(`Cannot find block "${reference}": expected type/name, such as secret/token`);
  }
  return [reference.slice(0, slash), reference.slice(slash + 1)];
}

async function triggered(
  { engine }: RequestParts,
  { flow, parameters, tags, idempotencyKey, at }: Extract<ThreadRequest, { kind: "trigger" }>,
): Promise<Run> {
  const { commands } = await engine();
  const answer = await commands.trigger({
    flow,
    parameters,
    ...(tags === undefined ? {} : { tags }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(at === undefined ? {} : { at: instant(Date.parse(at)) }),
  });
  switch (answer.type) {
    case "created":
    case "known":
      return answer.run;
    case "no-such-flow":
      throw new Error(
        `Cannot trigger flow "${flow}": there is none; there are ${answer.known.join(", ")}`,
      );
    case "key-reused":
      throw new Error(
        `Cannot trigger flow "${flow}": the idempotency key was used for run "${answer.run.name}" with other parameters`,
      );
    case "overlaps":
      throw new Error(
        `Cannot trigger flow "${flow}": its run "${answer.blockedBy.name}" is still open`,
      );
    case "unavailable":
      throw new Error(
        `Cannot trigger flow "${flow}": nothing can be saved at present: ${answer.why}`,
      );
  }
}

async function cancelled({ engine, history }: RequestParts, reference: string): Promise<Json> {
  const run = await history.findRun(reference);
  if (run === undefined || run === "ambiguous") {
    const why = run === undefined ? "there is none of that id or name" : "several begin like that";
    throw new Error(`Cannot cancel run "${reference}": ${why}`);
  }
  const { commands } = await engine();
  return await commands.cancel(run);
}

async function childOf(
  { engine }: RequestParts,
  { flow, parameters }: Extract<ThreadRequest, { kind: "child-run" }>,
  parent: RunId | undefined,
): Promise<Run> {
  if (parent === undefined)
    throw new Error(`Cannot run flow "${flow}" here: only a run has child runs`);
  const { runChild } = await engine();
  return await runChild(parent, flow, parameters);
}

async function listed(
  history: RunHistory,
  { flow, limit }: Extract<ThreadRequest, { kind: "list-runs" }>,
): Promise<Json> {
  const flows = { include: flow === undefined ? [] : [flow], exclude: [] };
  const runs = await history.listRuns({
    flows,
    limit: Math.min(Math.max(limit, 1), 200),
  });
  return runs.map(viewed);
}

function answerOf(run: Run): Json {
  const result = run.result === undefined ? {} : { result: JSON.parse(run.result) as Json };
  return { run: viewed(run), ...result };
}

function viewedIfFound(run: Run | "ambiguous" | undefined): Json {
  if (run === "ambiguous") throw new Error("Cannot find the run: several begin like that");
  return run === undefined ? null : viewed(run);
}

/** What travels is JSON: a view is made of nothing else. */
function viewed(run: Run): Json {
  return JSON.parse(JSON.stringify(runView(run))) as Json;
}
