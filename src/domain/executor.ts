import type { ErrorInfo } from "./failure.ts";
import type { FlowName, RunId, TaskRunId } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { Json, JsonObject, JsonText } from "./json.ts";
import type { Run, TaskRun, Transition } from "./run.ts";

/*
 * The seam for where code runs. An executor is offered runs and never touches the store; the ledger is
 * the only thing that changes a run's state. On one machine the calls are plain function calls.
 */

/** A run that is due, as the dispatcher offers it. */
export interface Offer {
  readonly runId: RunId;
  readonly flow: FlowName;
  /** A parent waits for it: it must find room even where many parents wait. */
  readonly child?: boolean;
}

/** What an executor did not take of an offer. */
export interface OfferAnswer {
  /** In the order they were offered. */
  readonly left: readonly Offer[];
  /** No run is taken at present; otherwise only runs such as those that are left are not. */
  readonly full: boolean;
}

/** A run that now belongs to one executor, with all that is needed to execute one attempt. */
export interface Claim {
  readonly runId: RunId;
  /** The fencing token: whoever claims the run later holds a greater one, and the older is refused. */
  readonly token: number;
  readonly run: Run;
  /** The number this attempt will have once its body begins. */
  readonly attempt: number;
  readonly timeoutMs?: number;
  readonly graceMs: number;
  /** Results of tasks with `persist` that completed in earlier attempts. Empty for a first attempt. */
  readonly kept: readonly KeptResult[];
  /** What the run was given each time it was resumed, by the number of its `pause` call from 0. */
  readonly resumed: readonly Json[];
}

/** A result that answers a task's call in place of its execution. */
export interface KeptResult {
  readonly task: string;
  readonly call: number;
  readonly key: string;
  readonly result: JsonText;
}

/** How an attempt ended. A body that did not get to answer has crashed. */
export type Outcome =
  | { readonly type: "completed"; readonly result?: JsonText; readonly note?: string }
  | {
      readonly type: "failed";
      readonly error: ErrorInfo;
      readonly message: string;
      /** `retryOn` said no, or the parameters are wrong: another attempt cannot help. */
      readonly final?: boolean;
    }
  | { readonly type: "timed-out"; readonly message: string }
  | { readonly type: "crashed"; readonly message: string; readonly error?: ErrorInfo }
  | { readonly type: "cancelled"; readonly message: string }
  /** The body asked to wait for a person: it is executed again from the start when the run is resumed. */
  | {
      readonly type: "paused";
      readonly message: string;
      /** Which `pause` call it is, from 0. */
      readonly call: number;
      /** The run fails if nobody resumes it before. */
      readonly until?: Instant;
      /** JSON Schema of the input that is asked for. */
      readonly schema?: JsonObject;
    };

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line that a run or a delivery wrote. */
export interface LogLine {
  readonly at: Instant;
  readonly level: LogLevel;
  readonly text: string;
  readonly taskRun?: TaskRunId;
}

/** The only thing that changes run state on behalf of an executor. */
export interface RunLedger {
  /** Claims runs by compare-and-set; undefined for each that is no longer to be had. */
  claim(offers: readonly Offer[], node: string): Promise<readonly (Claim | undefined)[]>;
  /** Says that the body has begun. Without it, `finish` tells. */
  started(runId: RunId, token: number, at: Instant): void;
  /** Gives back a run that has not begun: there is no room for it. False where it may not be given back. */
  release(runId: RunId, token: number): boolean;
  heartbeat(runId: RunId, token: number): "ok" | "fenced" | "cancel";
  log(runId: RunId, token: number, lines: readonly LogLine[]): void;
  tasks(runId: RunId, token: number, transitions: readonly Transition<TaskRun>[]): void;
  finish(
    runId: RunId,
    token: number,
    ended: { readonly outcome: Outcome; readonly startedAt?: Instant; readonly endedAt: Instant },
  ): Promise<"accepted" | "duplicate" | "stale">;
}

/** What an executor can do that others cannot. */
export interface ExecutorAbilities {
  /** Stops code that never yields and native calls that block. */
  readonly hardKill: boolean;
  readonly memoryLimit: boolean;
  /** Its runs go on when the control daemon restarts. */
  readonly survivesControl: boolean;
}

export interface ExecutorHealth {
  readonly threads: number;
  readonly busy: number;
  /** Threads that could not be stopped and were written off. */
  readonly stuck: number;
}

/** Executes runs: in threads, in child processes, on other machines. */
export interface Executor {
  readonly name: string;
  readonly can: ExecutorAbilities;
  /**
   * Takes what it has room for, from the front of the list, claims and executes it. Calls `onRoom` when
   * there is room again for what it left.
   */
  offer(offers: readonly Offer[]): OfferAnswer;
  /** Asks the attempt to stop: abort signal now, termination after `graceMs`. */
  cancel(runId: RunId, graceMs: number): void;
  /** Sees to it that the next run need not wait for a thread to start. Holds for a minute: call it again. */
  warm(): void;
  health(): ExecutorHealth;
  /** Runs that are claimed and have not ended. */
  held(): readonly RunId[];
  /** Aborts everything, terminates what does not stop in `graceMs`, reports it as crashed. */
  stop(graceMs: number): Promise<void>;
}
