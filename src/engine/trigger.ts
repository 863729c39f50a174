import type { FlowSpec, Generation } from "../domain/flow.ts";
import type { Random, RunId } from "../domain/ids.ts";
import { type Clock, type Instant, instant } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import { bear, type RunRequest } from "../domain/new-run.ts";
import { isExclusive, overlapping } from "../domain/overlap.ts";
import type { Run, Transition } from "../domain/run.ts";
import { findRunByKey } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import { ruleOf } from "./admit.ts";
import type { BulkAnswer, TriggerAnswer, TriggerRequest } from "./commands.ts";
import type { OpenRuns } from "./open-runs.ts";

// In: what somebody asks for. Out: runs in Scheduled, or why not.

export interface TriggerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly openRuns: OpenRuns;
  /** Cancels a run that makes way for a later one. */
  readonly cancel: (runId: RunId, message: string) => void;
  readonly newest: () => Generation;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  /** Told of new runs in the turn in which they are saved. */
  readonly onBorn: (runs: readonly Run[]) => void;
}

export interface Trigger {
  one(request: TriggerRequest): Promise<TriggerAnswer>;
  /** A child of a run, whatever its flow's overlap policy. `onBorn` is told of it before anything can happen to it. */
  child(request: TriggerRequest, parent: Run, onBorn: (run: Run) => void): Promise<TriggerAnswer>;
  /** All or none. */
  many(requests: readonly TriggerRequest[]): Promise<BulkAnswer>;
}

type Refusal = Exclude<TriggerAnswer, { type: "created" | "known" }>;

const MAKES_WAY = "it made way for a later run";

export function createTrigger(deps: TriggerDeps): Trigger {
  return {
    one: (request) => triggerOne(request, deps),
    child: (request, parent, onBorn) => triggerChild(request, { parent, onBorn }, deps),
    many: (requests) => triggerMany(requests, deps),
  };
}

async function triggerOne(request: TriggerRequest, deps: TriggerDeps): Promise<TriggerAnswer> {
  const known = findKnown(request, deps);
  if (known !== undefined) return known;
  const asked = birthOf(request, deps);
  if (asked.type !== "birth") return asked;
  const { after: run } = asked.birth;
  const saving = deps.openRuns.whileSaving([run], deps.store.saveRunStep(asked.birth));
  deps.onBorn([run]);
  if ((await saving) === "saved") {
    makeWay([asked], deps);
    return { type: "created", run };
  }
  // Somebody used the idempotency key in the same turn.
  return findKnown(request, deps) ?? triggerOne(request, deps);
}

async function triggerMany(
  requests: readonly TriggerRequest[],
  deps: TriggerDeps,
): Promise<BulkAnswer> {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  try {
    const asked = askForAll(requests, deps, over);
    if ("type" in asked) return asked;
    const births = asked.map(({ birth }) => birth);
    const saving = deps.store.saveDues({ births, decisions: [], cursors: [] });
    const runs = births.map(({ after }) => after);
    deps.onBorn(runs);
    await saving;
    makeWay(asked, deps);
    return { type: "created", runs };
  } finally {
    end();
  }
}

function askForAll(
  requests: readonly TriggerRequest[],
  deps: TriggerDeps,
  over: Promise<void>,
): readonly Birth[] | Extract<BulkAnswer, { type: "refused" }> {
  const births: Birth[] = [];
  for (const [index, request] of requests.entries()) {
    const asked = birthOf(request, deps);
    if (asked.type !== "birth") return { type: "refused", index, answer: asked };
    // Those behind it in the same request must see it.
    void deps.openRuns.whileSaving([asked.birth.after], over);
    births.push(asked);
  }
  return births;
}

async function triggerChild(
  request: TriggerRequest,
  { parent, onBorn }: { readonly parent: Run; readonly onBorn: (run: Run) => void },
  deps: TriggerDeps,
): Promise<TriggerAnswer> {
  const asked = birthOf({ ...request, overlap: "allow" }, deps);
  if (asked.type !== "birth") return asked;
  const run: Run = { ...asked.birth.after, parent: parent.id };
  onBorn(run);
  const saving = deps.store.saveRunStep({ before: undefined, after: run });
  deps.onBorn([run]);
  await saving;
  return { type: "created", run };
}

function makeWay(births: readonly Birth[], { cancel }: TriggerDeps): void {
  for (const { cancels } of births) for (const runId of cancels) cancel(runId, MAKES_WAY);
}

interface Birth {
  readonly type: "birth";
  readonly birth: Transition<Run>;
  /** Open runs that make way for it. */
  readonly cancels: readonly RunId[];
}

/** The run that an idempotency key has already made, if the request is the same. */
function findKnown(
  { flow, idempotencyKey, parameters, tags }: TriggerRequest,
  deps: TriggerDeps,
): TriggerAnswer | undefined {
  const spec = deps.flowNamed(flow);
  if (idempotencyKey === undefined || spec === undefined) return undefined;
  const run = findRunByKey(deps.store.reader, spec.name, idempotencyKey);
  if (run === undefined) return undefined;
  const isSame =
    run.parameters === jsonText(parameters ?? {}) &&
    run.tags.join("\n") === tagsOf(spec, tags).join("\n");
  return { type: isSame ? "known" : "key-reused", run };
}

function birthOf(request: TriggerRequest, deps: TriggerDeps): Birth | Refusal {
  const { store, clock, random, newest } = deps;
  const flow = deps.flowNamed(request.flow);
  if (flow === undefined) return noSuchFlow(request, newest());
  const now = clock();
  // A time that has passed must not take it past those that wait already.
  const dueAt = instant(Math.max(request.at ?? now, now));
  const trouble = troubleOf(store);
  if (trouble !== undefined) return trouble;
  const place = placeOf(request, flow, { deps, dueAt, now });
  if (place.type !== "place") return place;
  const policy = request.overlap ?? flow.overlap;
  const asked: RunRequest = {
    no: store.numbers.take("run"),
    flow: flow.name,
    parameters: jsonText(request.parameters ?? {}),
    tags: tagsOf(flow, request.tags),
    generation: newest().number,
    dueAt,
    exclusive: isExclusive(policy),
    priority: request.priority ?? flow.priority,
    ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
  };
  return { type: "birth", birth: bear(asked, now, random), cancels: place.cancels };
}

function noSuchFlow({ flow }: TriggerRequest, { manifest }: Generation): Refusal {
  return { type: "no-such-flow", flow, known: manifest.flows.map(({ name }) => name) };
}

function troubleOf(store: Store): Refusal | undefined {
  const trouble = store.trouble();
  if (trouble === undefined) return undefined;
  return { type: "unavailable", why: trouble.error.message, since: trouble.since };
}

interface Asking {
  readonly deps: TriggerDeps;
  readonly dueAt: Instant;
  readonly now: Instant;
}

interface Place {
  readonly type: "place";
  readonly cancels: readonly RunId[];
}

/** A run that is asked for at a later time is in nobody's way yet, and nobody in its. */
function placeOf(
  request: TriggerRequest,
  flow: FlowSpec,
  { deps, dueAt, now }: Asking,
): Place | Refusal {
  const rule = { ...ruleOf(flow), policy: request.overlap ?? flow.overlap };
  if (dueAt > now) return { type: "place", cancels: [] };
  const { openRuns } = deps;
  const { births, cancels } = overlapping([dueAt], rule, openRuns.of(flow, rule, now));
  if (births.length > 0) return { type: "place", cancels };
  const blockedBy = openRuns.firstOf(flow.name, now);
  // Nobody is in the way any more: whoever was has just ended.
  return blockedBy === undefined ? { type: "place", cancels: [] } : { type: "overlaps", blockedBy };
}

function tagsOf(flow: FlowSpec, more: readonly string[] = []): readonly string[] {
  return more.length === 0 ? flow.tags : [...new Set([...flow.tags, ...more])];
}
