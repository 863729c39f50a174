import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CLOSE, type CommitThreadData } from "./commit-messages.ts";
import { type CommitReply, type ReplyBoard, replyBoard } from "./commit-reply.ts";

/** Unused for so long, the thread is let go: a quiet daemon does without its memory. */
const REST_MS = 30_000;
/** A commit that takes longer than any disk: the thread must be gone. */
const WAIT_MS_MAX = 120_000;
const GOODBYE_MS_MAX = 5_000;

export interface CommitLinkOptions {
  /** The store's file. */
  readonly path: string;
  /** Told once of each plan that was sent, how it went. */
  readonly onOver: (reply: CommitReply) => void;
  /** Told when the thread ended amid a commit: nobody knows whether that was made. */
  readonly onLost: (error: Error) => void;
  /** The thread's program; another one only in tests. */
  readonly program?: URL;
}

const PROGRAM = new URL("./commit-thread.ts", import.meta.url);

/** The main thread's end of the line to the thread that makes commits: one at a time. */
export interface CommitLink {
  /** Starts the thread where there is none. What was sent before must be over. */
  start(): void;
  /** Whether a plan can be sent. */
  isReady(): boolean;
  send(plan: string): void;
  /** Blocks until what was sent is over, and told of. */
  wait(): void;
  /** Lets the thread go, if there is one, once what was sent is over. */
  close(): Promise<void> | undefined;
}

export function commitLink(options: CommitLinkOptions): CommitLink {
  return new ThreadCommitLink(options);
}

class ThreadCommitLink implements CommitLink {
  readonly #options: CommitLinkOptions;
  #thread: CommitThread | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #cannot = false;

  constructor(options: CommitLinkOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#thread !== undefined || this.#cannot) return;
    const thread = newThread(this.#options);
    this.#thread = thread;
    thread.worker.on("message", () => {
      thread.isReady = true;
      this.#look(thread);
    });
    thread.worker.on("error", (error) => {
      thread.error = error instanceof Error ? error : new Error(String(error));
    });
    thread.worker.on("exit", () => this.#gone(thread));
    thread.worker.unref();
    this.#restLater();
  }

  isReady(): boolean {
    return this.#thread?.isReady === true && this.#thread.sent === this.#thread.over;
  }

  send(plan: string): void {
    const thread = this.#thread;
    if (thread === undefined) throw new Error("Cannot send a commit: there is no thread");
    thread.sent += 1;
    thread.worker.ref();
    thread.worker.postMessage(plan);
  }

  wait(): void {
    const thread = this.#thread;
    if (thread === undefined || thread.sent === thread.over) return;
    if (thread.board.wait(thread.sent, WAIT_MS_MAX)) this.#look(thread);
    else this.#options.onLost(lost(thread));
  }

  close(): Promise<void> | undefined {
    this.wait();
    const thread = this.#thread;
    this.#thread = undefined;
    clearTimeout(this.#rest);
    return thread === undefined ? undefined : sayGoodbye(thread);
  }

  /** Whoever notices first that a commit is over, the one who waits or the message, tells of it. */
  #look(thread: CommitThread): void {
    if (thread.sent === thread.over) return;
    const reply = thread.board.read(thread.sent);
    if (reply === undefined) return;
    thread.over = thread.sent;
    thread.worker.unref();
    this.#restLater();
    this.#options.onOver(reply);
  }

  #restLater(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.close(), REST_MS);
    this.#rest.unref();
  }

  #gone(thread: CommitThread): void {
    if (this.#thread !== thread) return;
    // It may have come to its end just after the last commit.
    this.#look(thread);
    this.#thread = undefined;
    // A thread that cannot be had, or does not last, is done without.
    this.#cannot = true;
    if (thread.sent !== thread.over) this.#options.onLost(lost(thread));
  }
}

interface CommitThread {
  readonly worker: Worker;
  readonly board: ReplyBoard;
  isReady: boolean;
  /** How many plans it was sent, and how many of them are over. */
  sent: number;
  over: number;
  error: Error | undefined;
}

function newThread({ path, program = PROGRAM }: CommitLinkOptions): CommitThread {
  const board = replyBoard();
  const data: CommitThreadData = { path, memory: board.memory };
  const worker = new Worker(program, { workerData: data });
  return { worker, board, isReady: false, sent: 0, over: 0, error: undefined };
}

function lost({ error }: CommitThread): Error {
  const why = error === undefined ? "it ended by itself" : error.message;
  return new Error(`Cannot tell whether a commit was made: its thread is gone: ${why}`, {
    cause: error,
  });
}

/**
 * Its connection is closed when this returns, unless it had not come so far, and the thread gone when it resolves.
 * It is never terminated: a thread that is terminated amid a call of the database engine takes the process along.
 */
async function sayGoodbye({ worker, board, sent, isReady }: CommitThread): Promise<void> {
  const exited = once(worker, "exit", { signal: AbortSignal.timeout(GOODBYE_MS_MAX) });
  worker.ref();
  worker.postMessage(CLOSE);
  if (isReady) board.wait(sent + 1, GOODBYE_MS_MAX);
  await exited.catch(() => worker.unref());
}
