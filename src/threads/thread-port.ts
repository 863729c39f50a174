import type { MessagePort } from "node:worker_threads";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Json } from "../domain/json.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
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
  request(asker: ScopeOwner, request: ThreadRequest): Promise<Json>;
  /** Takes the messages that answer requests; answers false for others. */
  settle(message: MessageToThread): boolean;
}

interface Waiting {
  readonly resolve: (value: Json) => void;
  readonly reject: (error: Error) => void;
}

export function threadPort(port: Pick<MessagePort, "postMessage">): ThreadPort {
  const outbox = createOutbox();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turnEnds = false;
  const answers = answerBook();
  const spend = creditBook();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = outbox.take();
    if (batch.length > 0) port.postMessage(JSON.stringify(batch));
  };
  return {
    collect: (message) => void outbox.add(message),
    send(message) {
      outbox.add(message);
      if (spend()) flush();
      else timer ??= setTimeout(flush, WAIT_MS);
      return outbox.count();
    },
    sendThisTurn(message) {
      outbox.add(message);
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
      outbox.add({ type: "request", id, request, ...asker });
      flush();
      return answer;
    },
    settle: answers.settle,
  };
}

/** Keeps messages in their order; reports of task runs that follow each other become one. */
function createOutbox() {
  let messages: MessageFromThread[] = [];
  let report: { readonly post: number; readonly transitions: Transition<TaskRun>[] } | undefined;
  return {
    add(message: MessageFromThread): void {
      if (message.type !== "tasks") {
        messages.push(message);
        report = undefined;
      } else if (report?.post === message.post) {
        report.transitions.push(...message.transitions);
      } else {
        const opened = { ...message, transitions: [...message.transitions] };
        messages.push(opened);
        report = opened;
      }
    },
    count: () => messages.length,
    take(): readonly MessageFromThread[] {
      const taken = messages;
      messages = [];
      report = undefined;
      return taken;
    },
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
