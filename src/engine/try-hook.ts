import type { Ringing, RingOutcome, Rung } from "../domain/delivery.ts";
import type { Generation, Manifest } from "../domain/flow.ts";
import { hooksOf, type OwnedHook } from "../domain/hook-list.ts";
import { type DeliveryId, type Random, uuidv7 } from "../domain/ids.ts";
import { type Clock, isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { TrialAnswer, TrialRequest, TrialView, Trier } from "../domain/trial.ts";
import { findHooks, strangeTo } from "./find-hook.ts";
import { urlsOf } from "./ringing.ts";
import {
  type SubjectContext,
  subjectOfRun,
  subjectWithoutRun,
  type TrialHistory,
  type TrialSubject,
} from "./trial-subject.ts";

// In: a hook, and perhaps a past run. Out: what the hook did when it was told of it. Nothing is recorded.

export interface TrialDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly generation: () => Generation;
  /** Undefined where there is no store yet. */
  readonly history: TrialHistory | undefined;
  readonly publicUrl: () => string;
  readonly tryIn: Trier;
}

export async function tryHook(request: TrialRequest, deps: TrialDeps): Promise<TrialAnswer> {
  const { manifest } = deps.generation();
  const run = await runOf(request, deps);
  if (run !== undefined && "type" in run) return run;
  const owned = hookOf(request, manifest, run);
  if ("type" in owned) return owned;
  const { moment } = request;
  if (moment !== undefined && !owned.hook.moments.includes(moment)) {
    const rings = owned.hook.moments.join(", ");
    return { type: "unfit", why: `it is rung at ${rings}, and not at ${moment}` };
  }
  const { clock, random, history } = deps;
  const context: SubjectContext = { owned, moment, manifest, history, now: clock(), random };
  const subject =
    run === undefined || history === undefined
      ? subjectWithoutRun(context)
      : await subjectOfRun(run, { ...context, history });
  if ("type" in subject) return subject;
  const ringing = ringingFor(owned, subject, deps);
  const { rung, timedOut } = await deps.tryIn(ringing, { send: request.send });
  const outcome = timedOut && rung.outcome.type === "failed" ? "timed out" : undefined;
  const told = { hook: owned.hook.key, name: owned.hook.name, sent: request.send };
  return {
    type: "tried",
    trial: { ...told, ...toldOf(ringing, subject), ...cameOf(rung, outcome) },
  };
}

async function runOf(
  { run: reference }: TrialRequest,
  { history }: TrialDeps,
): Promise<Run | undefined | Extract<TrialAnswer, { type: "no-such-run" | "ambiguous-run" }>> {
  if (reference === undefined) return undefined;
  const run = await history?.findRun(reference);
  if (run === undefined) return { type: "no-such-run" };
  return run === "ambiguous" ? { type: "ambiguous-run" } : run;
}

/** The one hook that is meant: of several with the same name, the one that is told of such a run and moment. */
function hookOf(
  { hook: reference, moment }: TrialRequest,
  manifest: Manifest,
  run: Run | undefined,
): OwnedHook | Extract<TrialAnswer, { type: "no-such-hook" | "ambiguous-hook" }> {
  const found = findHooks(manifest, reference);
  const fitting = found.filter(
    (owned) =>
      (run === undefined || strangeTo(owned, run) === undefined) &&
      (moment === undefined || owned.hook.moments.includes(moment)),
  );
  const candidates = fitting.length > 0 ? fitting : found;
  const [only, another] = candidates;
  if (only === undefined) return { type: "no-such-hook", known: namesOf(manifest) };
  if (another === undefined) return only;
  return { type: "ambiguous-hook", keys: candidates.map(({ hook }) => hook.key) };
}

/** What hooks may be called: names where they are unique, keys where they are not. */
function namesOf(manifest: Manifest): readonly string[] {
  const hooks = hooksOf(manifest);
  const counts = Map.groupBy(hooks, ({ name }) => name);
  return hooks.map(({ key, name }) => (counts.get(name)?.length === 1 ? name : key));
}

function ringingFor(
  { hook }: OwnedHook,
  { moment, about }: TrialSubject,
  { clock, random, generation, publicUrl }: TrialDeps,
): Ringing {
  const name = about.kind === "run" ? about.run.flow : about.decision.flow;
  const flow = generation().manifest.flows.find((one) => one.name === name);
  return {
    deliveryId: uuidv7(clock(), random) as DeliveryId,
    attempt: 1,
    hook: hook.key,
    moment,
    timeoutMs: hook.timeoutMs,
    flow: { name, description: flow?.description ?? "", tags: flow?.tags ?? [] },
    about,
    urls: urlsOf(about, publicUrl()),
  };
}

function toldOf({ flow, moment, about }: Ringing, { madeUp }: TrialSubject) {
  const common = { moment, flow: flow.name, madeUp };
  if (about.kind === "decision") return { ...common, decision: about.decision };
  const { run, taskRun, state } = about;
  return {
    ...common,
    run: { id: run.id, name: run.name },
    ...(taskRun === undefined ? {} : { task: taskRun.task }),
    state,
  };
}

function cameOf(
  { outcome, startedAt, endedAt, log, exchanges = [] }: Rung,
  timedOut: "timed out" | undefined,
): Pick<
  TrialView,
  "outcome" | "error" | "retryAfterMs" | "startedAt" | "endedAt" | "log" | "exchanges"
> {
  return {
    ...verdictOf(outcome, timedOut),
    startedAt: isoOf(startedAt),
    endedAt: isoOf(endedAt),
    exchanges: exchanges.map((exchange) => ({
      ...exchange,
      startedAt: isoOf(exchange.startedAt),
      endedAt: isoOf(exchange.endedAt),
    })),
    log: log.map(({ at, level, text }) => ({ at: isoOf(at), level, text })),
  };
}

function verdictOf(outcome: RingOutcome, timedOut: "timed out" | undefined) {
  switch (outcome.type) {
    case "delivered":
      return { outcome: "delivered" } as const;
    case "failed": {
      const { error, retryAfterMs } = outcome;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      return { outcome: timedOut ?? "failed", error, ...wait } as const;
    }
    default: {
      const { type: name, message } = outcome;
      return { outcome: "failed", error: { name, message } } as const;
    }
  }
}
