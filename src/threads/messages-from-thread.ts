import type { Rung } from "../domain/delivery.ts";
import type { LogLine, Outcome } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { ConfigProblem, Manifest, Sources } from "../domain/flow.ts";
import type { DeliveryId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";

/**
 * What a thread tells the main thread. Posted in batches, each as one JSON text. `post` is the number under
 * which the main thread posted a run to this thread.
 */
export type MessageFromThread =
  /** The config is imported; runs or ringings can begin. */
  | { readonly type: "ready" }
  | { readonly type: "unready"; readonly problems: readonly ConfigProblem[] }
  /** `unsure`: a file was written while it was read, and should be read again. */
  | {
      readonly type: "manifest";
      readonly manifest: Manifest;
      readonly sources: Sources;
      readonly unsure: boolean;
    }
  /** Whether a value fits the type that the config declares: what is wrong with it, if anything. */
  | { readonly type: "block-checked"; readonly problem?: string }
  /** The main thread had taken the run back before the thread came to it. */
  | { readonly type: "skipped"; readonly post: number }
  | { readonly type: "started"; readonly post: number; readonly at: Instant }
  | { readonly type: "log"; readonly post: number; readonly lines: readonly LogLine[] }
  | {
      readonly type: "tasks";
      readonly post: number;
      readonly transitions: readonly Transition<TaskRun>[];
    }
  | {
      readonly type: "finished";
      readonly post: number;
      readonly outcome: Outcome;
      /** When the body began; absent if it did not come to that. */
      readonly startedAt?: Instant;
      readonly endedAt: Instant;
      /** How long the body took, finer than the two instants say. */
      readonly tookMs: number;
    }
  /** The thread can no longer be trusted: an error that nobody caught. It takes no further runs. */
  | { readonly type: "late-error"; readonly post?: number; readonly error: ErrorInfo }
  /** Said before `process.exit` is obeyed. */
  | {
      readonly type: "exiting";
      readonly code: number;
      readonly post?: number;
      readonly task?: string;
      /** How the attempt of the delivery that called it ends. */
      readonly rung?: Rung;
    }
  /** `goesOn`: its time was over, it was given up, and its code has not ended. */
  | { readonly type: "rung"; readonly rung: Rung; readonly goesOn?: boolean }
  /** What the config or its modules wrote outside every run and hook. */
  | { readonly type: "output"; readonly lines: readonly LogLine[] }
  | {
      readonly type: "request";
      readonly id: number;
      readonly post?: number;
      readonly deliveryId?: DeliveryId;
      readonly request: ThreadRequest;
    };
