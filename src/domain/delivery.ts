import type { DecisionView } from "./decision.ts";
import type { LogLine } from "./executor.ts";
import type { ErrorInfo } from "./failure.ts";
import type { Moment } from "./flow.ts";
import type { DeliveryId, HookKey } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { RunView, StateView, TaskRunView } from "./run-view.ts";

/**
 * Pending: not yet attempted. Retrying: an attempt failed, another is due. Dead: given up. Dropped: not rung
 * because the hook's own options say so (`holdFor`, `dedupe`, `rateLimit`). All but pending may be replayed.
 */
export type DeliveryStatus = "pending" | "delivered" | "retrying" | "dead" | "dropped";

export const DELIVERY_STATUSES: readonly DeliveryStatus[] = [
  "pending",
  "delivered",
  "retrying",
  "dead",
  "dropped",
];

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
  readonly flow: {
    readonly name: string;
    readonly description: string;
    readonly tags: readonly string[];
  };
  readonly about: RingSubject;
  /** Where people find it on the page, and programs in the API. */
  readonly urls: { readonly run: string; readonly api: string };
}

/** A transition of a run or task run, or a due time that became no run. */
export type RingSubject =
  | {
      readonly kind: "run";
      /** The run as of the transition, not as of now. */
      readonly run: RunView;
      readonly taskRun?: TaskRunView;
      readonly state: StateView;
      readonly previous?: StateView;
    }
  | { readonly kind: "decision"; readonly decision: DecisionView };

/** Something that a hook asked of somebody outside, and what came back. Without secrets. */
export interface Exchange {
  /** `POST https://hooks.slack.com`, `gcloud run jobs delete brave-otter`. */
  readonly request: string;
  /** More of it, such as the body. Only kept when the hook is tried and nothing is sent. */
  readonly detail?: string;
  /** `200 OK`, `exited with code 1`, or why there was none. */
  readonly answer?: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
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
  readonly exchanges?: readonly Exchange[];
}

/** Performs hooks: in hook threads, apart from flows. Answers each ringing exactly once. */
export interface Ringer {
  /** How many ringings it takes now. */
  room(): number;
  /** `alone` asks for a thread with nothing else in it: for a delivery that may kill its thread. */
  ring(ringing: Ringing, options: { readonly alone: boolean }): Promise<Rung>;
  stop(graceMs: number): Promise<void>;
}
