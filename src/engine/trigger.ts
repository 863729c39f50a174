import type { FlowSpec, Generation } from "../domain/flow.ts";
import type { FlowName, Random } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import { bear, type RunRequest } from "../domain/new-run.ts";
import { mayOverlap } from "../domain/overlap.ts";
import type { Run, Transition } from "../domain/run.ts";
import { findBlockingRun, findRunByKey } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { BulkAnswer, TriggerAnswer, TriggerRequest } from "./commands.ts";

// In: what somebody asks for. Out: runs in Scheduled, or why not.

export interface TriggerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
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

export function createTrigger(deps: TriggerDeps): Trigger {
  // Runs that are being saved: two requests of one turn must see each other.
  const arriving = new Map<FlowName, Run>();

  async function one(request: TriggerRequest): Promise<TriggerAnswer> {
    const known = findKnown(request, deps);
    if (known !== undefined) return known;
    const birth = birthOf(request, deps, arriving);
    if ("type" in birth) return birth;
    const { after: run } = birth;
    arriving.set(run.flow, run);
    try {
      const saving = deps.store.saveRunStep(birth);
      deps.onBorn([run]);
      if ((await saving) === "saved") return { type: "created", run };
    } finally {
      arriving.delete(run.flow);
    }
    // Somebody used the idempotency key in the same turn.
    return findKnown(request, deps) ?? one(request);
  }

  async function many(requests: readonly TriggerRequest[]): Promise<BulkAnswer> {
    const births: Transition<Run>[] = [];
    const inBatch = new Map<FlowName, Run>(arriving);
    for (const [index, request] of requests.entries()) {
      const birth = birthOf(request, deps, inBatch);
      if ("type" in birth) return { type: "refused", index, answer: birth };
      inBatch.set(birth.after.flow, birth.after);
      births.push(birth);
    }
    const saving = deps.store.saveDues({ births, decisions: [], cursors: [] });
    const runs = births.map(({ after }) => after);
    deps.onBorn(runs);
    await saving;
    return { type: "created", runs };
  }

  async function child(
    request: TriggerRequest,
    parent: Run,
    onBorn: (run: Run) => void,
  ): Promise<TriggerAnswer> {
    const birth = birthOf({ ...request, overlap: "allow" }, deps, arriving);
    if ("type" in birth) return birth;
    const run: Run = { ...birth.after, parent: parent.id };
    onBorn(run);
    const saving = deps.store.saveRunStep({ before: undefined, after: run });
    deps.onBorn([run]);
    await saving;
    return { type: "created", run };
  }

  return { one, child, many };
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

function birthOf(
  request: TriggerRequest,
  deps: TriggerDeps,
  arriving: ReadonlyMap<FlowName, Run>,
): Transition<Run> | Refusal {
  const { store, clock, random, newest } = deps;
  const flow = deps.flowNamed(request.flow);
  if (flow === undefined) return noSuchFlow(request, newest());
  const now = clock();
  const dueAt = request.at ?? now;
  const inTheWay = troubleOf(store) ?? overlapOf(request, flow, { deps, arriving, dueAt, now });
  if (inTheWay !== undefined) return inTheWay;
  const asked: RunRequest = {
    no: store.numbers.take("run"),
    flow: flow.name,
    parameters: jsonText(request.parameters ?? {}),
    tags: tagsOf(flow, request.tags),
    generation: newest().number,
    dueAt,
    priority: request.priority ?? flow.priority,
    ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
  };
  return bear(asked, now, random);
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
  readonly arriving: ReadonlyMap<FlowName, Run>;
  readonly dueAt: Instant;
  readonly now: Instant;
}

/** A run that is asked for at a later time is in nobody's way yet, and nobody in its. */
function overlapOf(
  request: TriggerRequest,
  flow: FlowSpec,
  { deps, arriving, dueAt, now }: Asking,
): Refusal | undefined {
  if (dueAt > now || mayOverlap(request.overlap ?? flow.overlap)) return undefined;
  const blockedBy = arriving.get(flow.name) ?? findBlockingRun(deps.store.reader, flow.name, now);
  return blockedBy === undefined ? undefined : { type: "overlaps", blockedBy };
}

function tagsOf(flow: FlowSpec, more: readonly string[] = []): readonly string[] {
  return more.length === 0 ? flow.tags : [...new Set([...flow.tags, ...more])];
}
