import type { MessagePort } from "node:worker_threads";
import type { BlockRequest } from "../domain/block-request.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import type { ScopeOwner } from "../sdk/scope.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import type { MessageToThread } from "./messages-to-thread.ts";

/** How often, at most, messages go out that something else than the end of a run calls for. */
const FLUSH_EVERY_MS = 2;

/** The thread's end of the line to the main thread: collects messages and posts them as one JSON text. */
export interface ThreadPort {
  /** Collects; goes out with the next flush. */
  collect(message: MessageFromThread): void;
  /**
   * Collects; goes out now or within 2 ms, so that what was said before an endless loop is not lost.
   * Answers how many wait.
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
  let flushedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turnEnds = false;
  const answers = answerBook();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    flushedAt = performance.now();
    if (outbox.length === 0) return;
    const batch = outbox;
    outbox = [];
    port.postMessage(JSON.stringify(batch));
  };
  const send = (message: MessageFromThread) => {
    outbox.push(message);
    const wait = flushedAt + FLUSH_EVERY_MS - performance.now();
    if (wait <= 0) flush();
    else timer ??= setTimeout(flush, wait);
    return outbox.length;
  };
  return {
    collect: (message) => void outbox.push(message),
    send,
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
