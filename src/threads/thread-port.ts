import type { MessagePort } from "node:worker_threads";
import type { BlockRequest } from "../domain/block-request.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import type { ScopeOwner } from "../sdk/scope.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import type { MessageToThread } from "./messages-to-thread.ts";

/** How long a message waits, at most, while the thread's loop turns. */
const WAIT_MS = 2;
/** Batches that may go out at once in a row, and how soon another may follow. */
const CREDITS = 16;
const CREDIT_MS = 0.5;

/** The thread's end of the line to the main thread: collects messages and posts them as one JSON text. */
export interface ThreadPort {
  /** Collects; goes out with the next flush. */
  collect(message: MessageFromThread): void;
  /**
   * Collects; goes out at once, so that what was said before an endless loop is not lost, unless there is
   * a flood: then within 2 ms. Answers how many wait.
   */
  send(message: MessageFromThread): number;
  /** Collects; goes out at the end of this turn of the loop. */
  sendThisTurn(message: MessageFromThread): void;
  flush(): void;
  request(asker: ScopeOwner, request: BlockRequest): Promise<Json>;
  /** Takes the messages that answer requests; answers false for others. */
  settle(message: MessageToThread): boolean;
}

interface Waiting {
  readonly resolve: (value: Json) => void;
  readonly reject: (error: Error) => void;
}

export function threadPort(port: Pick<MessagePort, "postMessage">): ThreadPort {
  let outbox: MessageFromThread[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turnEnds = false;
  const answers = answerBook();
  const spend = creditBook();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (outbox.length === 0) return;
    const batch = outbox;
    outbox = [];
    port.postMessage(JSON.stringify(batch));
  };
  return {
    collect: (message) => void outbox.push(message),
    send(message) {
      outbox.push(message);
      if (spend()) flush();
      else timer ??= setTimeout(flush, WAIT_MS);
      return outbox.length;
    },
    sendThisTurn(message) {
      outbox.push(message);
      if (turnEnds) return;
      turnEnds = true;
      setImmediate(() => {
        turnEnds = false;
        flush();
      });
    },
    flush,
    request(asker, request) {
      const { id, answer } = answers.open();
      outbox.push({ type: "request", id, request, ...asker });
      flush();
      return answer;
    },
    settle: answers.settle,
  };
}

/** Answers whether a batch may go out at once: a few in a row may, and then one now and again. */
function creditBook(): () => boolean {
  let credits = CREDITS;
  let countedAt = performance.now();
  return () => {
    const now = performance.now();
    credits = Math.min(CREDITS, credits + (now - countedAt) / CREDIT_MS);
    countedAt = now;
    if (credits < 1) return false;
    credits -= 1;
    return true;
  };
}

function answerBook() {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  return {
    open() {
      last += 1;
      const id = last;
      const answer = new Promise<Json>((resolve, reject) => waiting.set(id, { resolve, reject }));
      return { id, answer };
    },
    settle(message: MessageToThread): boolean {
      if (message.type !== "answer" && message.type !== "answer-error") return false;
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === "answer") asked?.resolve(message.value);
      else asked?.reject(errorOf(message.error));
      return true;
    },
  };
}

function errorOf({ name, message }: ErrorInfo): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
