import type { BlockRequest } from "./block-request.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * What a flow, a task or a hook asks of the main thread, and in the comment what is answered. Answers are
 * JSON; a refusal travels back as an error.
 */
export type ThreadRequest =
  | BlockRequest
  /** `{ found: true, result }` for a stored result that has not expired, else `{ found: false }`. */
  | { readonly kind: "cache-load"; readonly task: string; readonly key: string }
  /** `null`, once everything that this run's thread had reported before is committed. */
  | { readonly kind: "reports-saved" }
  /** The run as it was created. */
  | {
      readonly kind: "trigger";
      readonly flow: string;
      readonly parameters: JsonObject;
      readonly tags?: readonly string[];
      readonly idempotencyKey?: string;
      /** ISO 8601. */
      readonly at?: string;
    }
  /** `{ run, result? }` once the child run is over: a child of the asking run, whatever its flow's overlap policy. */
  | { readonly kind: "child-run"; readonly flow: string; readonly parameters: JsonObject }
  /** The run, or `null`. */
  | { readonly kind: "find-run"; readonly run: string }
  /** `cancelling`, `cancelled`, or `too-late` for a run that is over. */
  | { readonly kind: "cancel-run"; readonly run: string }
  /** Runs, newest first. */
  | { readonly kind: "list-runs"; readonly flow?: string; readonly limit: number };

/** The answer to `cache-load`. */
export type CacheAnswer =
  | { readonly found: true; readonly result: Json }
  | { readonly found: false };
