import type { LogLine } from "./executor.ts";
import type { ErrorInfo } from "./failure.ts";
import type { Moment } from "./flow.ts";
import type { DeliveryId, HookKey, RunId } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { RunView, StateView, TaskRunView } from "./run-view.ts";

/** Pending: not yet attempted. Retrying: an attempt failed, another is due. Dead: given up, may be replayed. */
export type DeliveryStatus = "pending" | "delivered" | "retrying" | "dead";

/**
 * Waits in milliseconds before each further attempt but the second, which is made at once: the ladder of the Standard Webhooks specification
 * (standardwebhooks/spec, "Deliverability and reliability"): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
 */
export const STANDARD_LADDER_MS: readonly number[] = [
  5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
];

/** What a hook is told of, as data: everything of its context that is not a function. */
export interface Ringing {
  readonly deliveryId: DeliveryId;
  /** 1-based. */
  readonly attempt: number;
  readonly hook: HookKey;
  readonly moment: Moment;
  readonly timeoutMs: number;
  readonly runId: RunId;
  readonly flow: {
    readonly name: string;
    readonly description: string;
    readonly tags: readonly string[];
  };
  /** The run as of the transition, not as of now. */
  readonly run: RunView;
  readonly taskRun?: TaskRunView;
  readonly state: StateView;
  readonly previous?: StateView;
  readonly urls: { readonly run: string; readonly api: string };
}

/** How one attempt of a delivery ended. */
export type RingOutcome =
  | { readonly type: "delivered" }
  | {
      readonly type: "failed";
      readonly error: ErrorInfo;
      /** The receiver asked for this wait (`Retry-After`), in milliseconds. */
      readonly retryAfterMs?: number;
    }
  /** The newest config has no such hook: no attempt can help until it is back. */
  | { readonly type: "no-such-hook"; readonly message: string }
  /** The thread died while several deliveries were in it, and this one may not be to blame. */
  | { readonly type: "interrupted"; readonly message: string };

export interface Rung {
  readonly deliveryId: DeliveryId;
  readonly outcome: RingOutcome;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly log: readonly LogLine[];
}

/** Performs hooks: in hook threads, apart from flows. Answers each ringing exactly once. */
export interface Ringer {
  /** How many ringings it takes now. */
  room(): number;
  /** `alone` asks for a thread with nothing else in it: for a delivery that may kill its thread. */
  ring(ringing: Ringing, options: { readonly alone: boolean }): Promise<Rung>;
  stop(graceMs: number): Promise<void>;
}
