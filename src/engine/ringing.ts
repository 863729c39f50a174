import { decisionView } from "../domain/decision.ts";
import type { Ringing, RingOutcome, RingSubject, Rung } from "../domain/delivery.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { FlowSpec, HookSpec } from "../domain/flow.ts";
import type { FlowName } from "../domain/ids.ts";
import { type Instant, later } from "../domain/instant.ts";
import { runView, stateView, taskRunView } from "../domain/run-view.ts";
import type { DeliveryResult } from "../store/delivery-store.ts";
import type { DeliverySubject, DueDelivery } from "../store/due-deliveries.ts";

/** Up to this share is added to each wait, so that what failed together is not tried again together. */
const JITTER = 0.2;

export interface RingingContext {
  readonly hook: HookSpec;
  readonly flow: FlowSpec | undefined;
  /** Where people reach the page: `http://127.0.0.1:8627`. */
  readonly publicUrl: string;
}

/** What the hook of a delivery is told. */
export function ringingOf(
  delivery: DueDelivery,
  { hook, flow, publicUrl }: RingingContext,
): Ringing {
  const about = ringSubject(delivery.about);
  const name = flowOf(delivery.about);
  return {
    deliveryId: delivery.id,
    attempt: delivery.attempts + 1,
    hook: delivery.hook,
    moment: delivery.moment,
    timeoutMs: hook.timeoutMs,
    flow: { name, description: flow?.description ?? "", tags: flow?.tags ?? [] },
    about,
    urls: urlsOf(about, publicUrl),
  };
}

/** The flow whose run, or whose due time, it is. */
export function flowOf(about: DeliverySubject): FlowName {
  return about.kind === "run" ? about.run.flow : about.decision.flow;
}

function ringSubject(about: DeliverySubject): RingSubject {
  if (about.kind === "decision") {
    return { kind: "decision", decision: decisionView(about.decision) };
  }
  const { run, taskRun, state, previous } = about;
  return {
    kind: "run",
    run: runView(run),
    ...(taskRun === undefined ? {} : { taskRun: taskRunView(taskRun) }),
    state: stateView(state),
    ...(previous === undefined ? {} : { previous: stateView(previous) }),
  };
}

/** A due time without a run leads to its flow. */
export function urlsOf(about: RingSubject, publicUrl: string): Ringing["urls"] {
  const path =
    about.kind === "run"
      ? `runs/${about.run.id}`
      : `flows/${encodeURIComponent(about.decision.flow)}`;
  return { run: `${publicUrl}/${path}`, api: `${publicUrl}/api/${path}` };
}

type Result = Omit<DeliveryResult, "settle">;
type Verdict = Pick<Result, "status" | "dueAt" | "reason"> & { readonly error?: ErrorInfo };

/**
 * What follows from an attempt: delivered, another attempt after the hook's next wait, or dead when there
 * is none. Undefined for one that was only interrupted: it is rung again and does not count.
 */
export function resultOf(
  delivery: DueDelivery,
  rung: Rung,
  { hook, chance }: { readonly hook: HookSpec; readonly chance: number },
): Result | undefined {
  const { outcome, startedAt, endedAt, log, exchanges } = rung;
  if (outcome.type === "interrupted") return undefined;
  const { error, ...after } = verdict(outcome, { hook, delivery, chance, endedAt });
  return {
    no: delivery.no,
    hookNo: delivery.hookNo,
    before: delivery.status,
    attempts: delivery.attempts + 1,
    at: endedAt,
    ...after,
    attempt: {
      startedAt,
      endedAt,
      log,
      ...(error === undefined ? {} : { error }),
      ...(exchanges === undefined ? {} : { exchanges }),
    },
  };
}

interface Trial {
  readonly hook: HookSpec;
  readonly delivery: DueDelivery;
  readonly endedAt: Instant;
  readonly chance: number;
}

function verdict(
  outcome: Exclude<RingOutcome, { type: "interrupted" }>,
  { hook, delivery, chance, endedAt }: Trial,
): Verdict {
  switch (outcome.type) {
    case "delivered":
      return { status: "delivered" };
    case "no-such-hook":
      return { status: "dead", reason: outcome.message };
    case "failed": {
      const { error, retryAfterMs = 0 } = outcome;
      // A replay climbs the ladder anew.
      const rung = delivery.attempts - delivery.ladderFrom;
      const wait = hook.retryMs[rung];
      if (wait === undefined) {
        const reason = `every one of its ${rung + 1} attempts failed`;
        return { status: "dead", reason, error };
      }
      const jittered = Math.round(wait * (1 + JITTER * chance));
      const dueAt = later(endedAt, Math.max(jittered, retryAfterMs));
      return { status: "retrying", dueAt, error };
    }
  }
}

/** The record of a delivery whose hook the newest config does not have. */
export function deadWithoutHook(delivery: DueDelivery, now: Instant): Result {
  const reason = `hook "${delivery.hook}" is no longer in the config`;
  const error = { name: "NoSuchHook", message: reason };
  return {
    no: delivery.no,
    hookNo: delivery.hookNo,
    before: delivery.status,
    status: "dead",
    attempts: delivery.attempts + 1,
    at: now,
    reason,
    attempt: { startedAt: now, endedAt: now, error, log: [] },
  };
}

/** The record of a delivery that its hook's own options keep from ringing. */
export function dropped(delivery: DueDelivery, reason: string, now: Instant): Result {
  const { no, hookNo, status: before, attempts } = delivery;
  return { no, hookNo, before, status: "dropped", attempts, at: now, reason };
}
