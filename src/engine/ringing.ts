import type { DeliveryStatus, Ringing, RingOutcome, Rung } from "../domain/delivery.ts";
import type { FlowSpec, HookSpec } from "../domain/flow.ts";
import { type Instant, later } from "../domain/instant.ts";
import { runView, stateView, taskRunView } from "../domain/run-view.ts";
import type { DeliveryResult, DueDelivery } from "../store/delivery-store.ts";

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
  const { run, taskRun, previous } = delivery;
  return {
    deliveryId: delivery.id,
    attempt: delivery.attempts + 1,
    hook: delivery.hook,
    moment: delivery.moment,
    timeoutMs: hook.timeoutMs,
    runId: run.id,
    flow: { name: run.flow, description: flow?.description ?? "", tags: flow?.tags ?? [] },
    run: runView(run),
    ...(taskRun === undefined ? {} : { taskRun: taskRunView(taskRun) }),
    state: stateView(delivery.state),
    ...(previous === undefined ? {} : { previous: stateView(previous) }),
    urls: { run: `${publicUrl}/runs/${run.id}`, api: `${publicUrl}/api/runs/${run.id}` },
  };
}

type Verdict = Pick<DeliveryResult, "status" | "dueAt" | "error" | "reason">;

/**
 * What follows from an attempt: delivered, another attempt after the hook's next wait, or dead when there
 * is none. Undefined for one that was only interrupted: it is rung again and does not count.
 */
export function resultOf(
  delivery: DueDelivery,
  rung: Rung,
  { hook, chance }: { readonly hook: HookSpec; readonly chance: number },
): Omit<DeliveryResult, "settle"> | undefined {
  const { outcome, startedAt, endedAt, log } = rung;
  if (outcome.type === "interrupted") return undefined;
  const attempt = delivery.attempts + 1;
  return {
    no: delivery.no,
    attempt,
    startedAt,
    endedAt,
    log,
    ...verdict(outcome, { hook, attempt, chance, endedAt }),
  };
}

interface Trial {
  readonly hook: HookSpec;
  readonly attempt: number;
  readonly endedAt: Instant;
  readonly chance: number;
}

function verdict(
  outcome: Exclude<RingOutcome, { type: "interrupted" }>,
  { hook, attempt, chance, endedAt }: Trial,
): Verdict {
  switch (outcome.type) {
    case "delivered":
      return { status: "delivered" };
    case "no-such-hook":
      return dead(outcome.message);
    case "failed": {
      const wait = hook.retryMs[attempt - 1];
      const { error } = outcome;
      if (wait === undefined)
        return { ...dead(`every one of its ${attempt} attempts failed`), error };
      const jittered = Math.round(wait * (1 + JITTER * chance));
      return {
        status: "retrying",
        dueAt: later(endedAt, Math.max(jittered, outcome.retryAfterMs ?? 0)),
        error,
      };
    }
  }
}

function dead(reason: string): { readonly status: DeliveryStatus; readonly reason: string } {
  return { status: "dead", reason };
}

/** The record of a delivery whose hook the newest config does not have. */
export function deadWithoutHook(
  delivery: DueDelivery,
  now: Instant,
): Omit<DeliveryResult, "settle"> {
  const reason = `hook "${delivery.hook}" is no longer in the config`;
  return {
    no: delivery.no,
    attempt: delivery.attempts + 1,
    startedAt: now,
    endedAt: now,
    log: [],
    ...dead(reason),
    error: { name: "NoSuchHook", message: reason },
  };
}
