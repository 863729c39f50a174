import type { ConfigProblem, Generation, OverlapPolicy } from "../domain/flow.ts";
import type { Instant } from "../domain/instant.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import type { DeliveryFilter } from "../store/run-history.ts";

/** What a person, a program or a flow asks for when it asks for a run. */
export interface TriggerRequest {
  readonly flow: string;
  readonly parameters?: JsonObject;
  readonly tags?: readonly string[];
  /** Not to be started before; now by default. */
  readonly at?: Instant;
  /** Overrides the flow's overlap policy. */
  readonly overlap?: OverlapPolicy;
  readonly idempotencyKey?: string;
  /** Instead of the flow's: runs that wait go greatest first. */
  readonly priority?: number;
}

export type TriggerAnswer =
  | { readonly type: "created"; readonly run: Run }
  /** The idempotency key was used before with the same request: here is its run. */
  | { readonly type: "known"; readonly run: Run }
  | { readonly type: "no-such-flow"; readonly flow: string; readonly known: readonly string[] }
  | { readonly type: "key-reused"; readonly run: Run }
  /** Nothing can be saved at present, since `since` (milliseconds since the epoch). */
  | { readonly type: "unavailable"; readonly why: string; readonly since: number }
  /** The flow's overlap policy refuses: this run is still open. */
  | { readonly type: "overlaps"; readonly blockedBy: Run };

export type BulkAnswer =
  | { readonly type: "created"; readonly runs: readonly Run[] }
  | {
      readonly type: "refused";
      readonly index: number;
      readonly answer: Exclude<TriggerAnswer, { type: "created" | "known" }>;
    };

export type CancelAnswer = "cancelling" | "cancelled" | "too-late";

export type ReloadAnswer =
  | { readonly type: "accepted"; readonly generation: Generation; readonly changed: boolean }
  | { readonly type: "refused"; readonly problems: readonly ConfigProblem[] };

export type ResumeAnswer = "resumed" | "not-paused";
export type RerunAnswer = "scheduled" | "not-over" | "no-such-flow";

/**
 * What became of a delivery that somebody asks for again. Pending, under-way: it is rung anyhow. No-such-hook: it
 * would only die again. Unavailable: nothing can be saved at present.
 */
export type RedeliverAnswer =
  | "redelivered"
  | "pending"
  | "under-way"
  | "no-such-hook"
  | "no-such-delivery"
  | "unavailable";

export interface RedeliverRequest {
  readonly filter: DeliveryFilter;
  /** Only counts. */
  readonly dryRun: boolean;
}

export interface Redelivered {
  readonly redelivered: number;
  /** Those whose hook is not in the config: they would only die again. */
  readonly skipped: number;
}

/** Everything that somebody outside may ask the daemon to do. */
export interface Commands {
  trigger(request: TriggerRequest): Promise<TriggerAnswer>;
  /** All or none. */
  triggerMany(requests: readonly TriggerRequest[]): Promise<BulkAnswer>;
  cancel(run: Run): Promise<CancelAnswer>;
  /** Lets a paused run go on, with the input that its `pause` asked for. */
  resume(run: Run, input: Json): Promise<ResumeAnswer>;
  /** Executes a run that is over again: a further attempt of the same run, tasks with `persist` answer from before. */
  rerun(run: Run): Promise<RerunAnswer>;
  /** Rings the hook of one delivery again: the same delivery, with its ladder of waits before it anew. */
  redeliver(id: string): Promise<RedeliverAnswer>;
  /** All that a filter lets through, oldest first; the dead ones unless it names statuses. */
  redeliverMany(request: RedeliverRequest): Promise<Redelivered | "unavailable">;
  reload(): Promise<ReloadAnswer>;
}
