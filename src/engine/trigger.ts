import type { FlowSpec, Generation } from "../domain/flow.ts";
import type { FlowName, Random } from "../domain/ids.ts";
import type { Clock } from "../domain/instant.ts";
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

  return { one, many };
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
  { store, clock, random, newest, flowNamed }: TriggerDeps,
  arriving: ReadonlyMap<FlowName, Run>,
): Transition<Run> | Refusal {
  const flow = flowNamed(request.flow);
  if (flow === undefined) {
    const known = newest().manifest.flows.map(({ name }) => name);
    return { type: "no-such-flow", flow: request.flow, known };
  }
  const now = clock();
  const dueAt = request.at ?? now;
  if (dueAt <= now && !mayOverlap(request.overlap ?? flow.overlap)) {
    const blockedBy = arriving.get(flow.name) ?? findBlockingRun(store.reader, flow.name, now);
    if (blockedBy !== undefined) return { type: "overlaps", blockedBy };
  }
  const asked: RunRequest = {
    no: store.numbers.take("run"),
    flow: flow.name,
    parameters: jsonText(request.parameters ?? {}),
    tags: tagsOf(flow, request.tags),
    generation: newest().number,
    dueAt,
    ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
  };
  return bear(asked, now, random);
}

function tagsOf(flow: FlowSpec, more: readonly string[] = []): readonly string[] {
  return more.length === 0 ? flow.tags : [...new Set([...flow.tags, ...more])];
}
