import type { Claim, RunLedger } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import type { DeliveryId, FlowName, RunId, TaskRunId } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { TaskRun } from "../domain/run.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
import type { LongTimer } from "../sdk/long-timer.ts";
import type { FlowPaces } from "./flow-pace.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import type { SlotBoard } from "./slot-board.ts";
import type { Gone, ThreadLink } from "./thread-link.ts";

/** Where threads say what people who run the daemon should know. */
export interface ThreadsLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Answers what flows and hooks ask of the main thread; a rejection travels back to them as an error. */
export type AnswerRequest = (
  request: ThreadRequest,
  origin: { readonly run?: RunId; readonly delivery?: DeliveryId },
) => Promise<Json>;

export interface ThreadExecutorDeps {
  readonly ledger: RunLedger;
  readonly clock: Clock;
  readonly log: ThreadsLog;
  readonly threadsMax: number;
  /** Called when there is room again after an offer that was not taken whole. */
  readonly onRoom: () => void;
  /** The newest accepted config. */
  readonly newest: () => Generation;
  readonly answerRequest: AnswerRequest;
  /** Told of the flow, and of the generation of its code, whose thread could not be terminated. */
  readonly onStuck?: (flow: FlowName, generation: number) => void;
  readonly logLinesMax?: number;
  readonly resultBytesMax?: number;
  /** Runs after which a thread is replaced by a fresh one. */
  readonly runsPerThread?: number;
  /** How long a thread without work is kept. */
  readonly idleMs?: number;
  /** How long a terminated thread may take to go before it is written off. */
  readonly stuckAfterMs?: number;
}

/** A claimed run that has not ended. */
export interface HeldRun {
  readonly claim: Claim;
  /** Undefined while it waits for a thread. */
  place: Place | undefined;
  startedAt: Instant | undefined;
  /** Set once it has been asked to stop. */
  stopping: Stopping | undefined;
  timer: LongTimer | undefined;
  openTasks: Map<TaskRunId, TaskRun> | undefined;
  /** Child runs that it waits for: meanwhile its thread takes up no place of the pool. */
  children: number;
  /** How many threads could not begin it. */
  misplaced: number;
}

/** A run that is being claimed, and what has come in the meantime. */
export interface Claiming {
  cancelled: boolean;
  /** It was offered anew: told to wait for a limit, it has been given room before the others of its batch were claimed. */
  again: boolean;
  readonly isParent: boolean;
}

export interface Place {
  readonly thread: PoolThread;
  readonly post: number;
  readonly slot: number;
}

export interface Stopping {
  readonly why: "timeout" | "cancel" | "stop";
  readonly message: string;
}

/** A run thread, as the main thread sees it. */
export interface PoolThread {
  readonly generation: number;
  readonly link: ThreadLink;
  readonly board: SlotBoard;
  readonly freeSlots: number[];
  readonly posts: Map<number, HeldRun>;
  /** Slots of runs that were taken back, until the thread has come past them. */
  readonly passing: Map<number, number>;
  state: "starting" | "ready" | "retiring" | "gone";
  /** Runs that are being claimed for it. */
  reserved: number;
  /** How much work it has been given, in expected milliseconds. */
  expectedMs: number;
  /** It executes a run of unknown or longer duration, and nothing else may wait behind it. */
  lone: boolean;
  lastPost: number;
  runs: number;
  idle: ReturnType<typeof setTimeout> | undefined;
  watch: ReturnType<typeof setTimeout> | undefined;
}

/** Everything that the pool knows. */
export interface Pool {
  readonly deps: ThreadExecutorDeps;
  readonly paces: FlowPaces;
  readonly threads: Set<PoolThread>;
  readonly held: Map<RunId, HeldRun>;
  readonly claiming: Map<RunId, Claiming>;
  /** Flows of which a run has waited for a child run: every further one is expected to. */
  readonly parents: Set<FlowName>;
  /** Claimed runs that wait for a thread: taken back, or their thread could not begin. */
  readonly backlog: HeldRun[];
  /** When those that still wait are given back. */
  release: ReturnType<typeof setTimeout> | undefined;
  readonly finishing: Set<Promise<unknown>>;
  readonly ears: PoolEars;
  stuck: number;
  stopping: boolean;
  /** An offer was not taken whole: there was no thread. */
  full: boolean;
  /** Parents of an offer were left, because there are enough of them. */
  parentsLeft: boolean;
  /** More runs are there, with those that were offered, than there may be threads: new flows cannot have one each. */
  crowded: boolean;
  /** No thread is started before: the last one could not import the config. */
  startAfter: number;
}

/** What a thread's messages set going. */
export interface PoolEars {
  message(thread: PoolThread, message: MessageFromThread): void;
  batchEnd(thread: PoolThread): void;
  gone(thread: PoolThread, gone: Gone): void;
}

/** How many runs the thread has been given or is about to be. */
export function loadOf({ posts, reserved, passing }: PoolThread): number {
  return posts.size + reserved + passing.size;
}

/** Whether the thread only waits for child runs of the run in it. */
export function waitsForChildren({ posts, lone }: PoolThread): boolean {
  // A run that waits is alone in its thread, and one thread after the other is asked this for each run.
  if (!lone) return false;
  for (const { children } of posts.values()) if (children > 0) return true;
  return false;
}
