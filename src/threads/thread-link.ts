import { Worker } from "node:worker_threads";
import { type ErrorInfo, errorInfo } from "../domain/failure.ts";
import { flowEnvironment } from "./flow-environment.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import type { MessageToThread, ThreadData, ThreadDuty } from "./messages-to-thread.ts";
import { programBoard } from "./program-board.ts";

/** How long a terminated thread may take to go before it is written off. */
const STUCK_AFTER_MS = 5_000;

/** Why a thread is gone, as far as the runtime says. */
export interface Gone {
  readonly code: number | undefined;
  readonly error: ErrorInfo | undefined;
}

/** The main thread's end of the line to one thread. */
export interface ThreadLink {
  /** Collected per turn of the loop and posted as one JSON text. */
  post(message: MessageToThread): void;
  /** Never rejects. "stuck": the thread did not go in time and is written off. */
  terminate(): Promise<"stopped" | "stuck">;
}

export interface ThreadEars {
  message(message: MessageFromThread): void;
  /** Called after each batch. */
  batchEnd?(): void;
  /** Called once, when the thread ends by itself or by an error; not after `terminate`. */
  gone(gone: Gone): void;
}

/** Starts a thread. What is posted before it is ready waits in its queue. */
export function openThread(
  duty: ThreadDuty,
  ears: ThreadEars,
  { stuckAfterMs = STUCK_AFTER_MS }: { readonly stuckAfterMs?: number | undefined } = {},
): ThreadLink {
  const programs = programBoard();
  const data: ThreadData = { ...duty, programs: programs.memory };
  const worker = new Worker(new URL("./thread.ts", import.meta.url), {
    workerData: data,
    env: flowEnvironment(),
  });
  const life = { ended: false, error: undefined as ErrorInfo | undefined };
  const exited = Promise.withResolvers<"stopped">();
  worker.on("message", (text: string) => {
    // Both ends of the line are this program.
    for (const message of JSON.parse(text) as readonly MessageFromThread[]) ears.message(message);
    ears.batchEnd?.();
  });
  worker.on("error", (error) => {
    life.error = errorInfo(error);
  });
  worker.on("exit", (code) => {
    programs.killAll();
    exited.resolve("stopped");
    if (life.ended) return;
    life.ended = true;
    ears.gone({ code, error: life.error });
  });
  return {
    post: batched((text) => worker.postMessage(text)),
    async terminate() {
      life.ended = true;
      await programs.settled();
      const { promise: stuck, resolve } = Promise.withResolvers<"stuck">();
      const timer = setTimeout(() => resolve("stuck"), stuckAfterMs);
      const stopped = worker.terminate().then(() => "stopped" as const);
      // A thread that has gone already may refuse to be terminated.
      stopped.catch(() => {});
      const how = await Promise.race([stopped.catch(() => exited.promise), exited.promise, stuck]);
      clearTimeout(timer);
      programs.killAll();
      return how;
    },
  };
}

function batched(send: (text: string) => void): ThreadLink["post"] {
  let batch: MessageToThread[] = [];
  return (message) => {
    if (batch.push(message) > 1) return;
    queueMicrotask(() => {
      const full = batch;
      batch = [];
      send(JSON.stringify(full));
    });
  };
}
