/** How a commit went that another thread was to make. */
export type CommitReply =
  | { readonly type: "done"; readonly ms: number }
  /** Something was not as planned, a run had moved on, say: nothing was kept. */
  | { readonly type: "unexpected" }
  /** Nothing was kept. */
  | { readonly type: "failed"; readonly error: Error };

const TYPES = ["done", "unexpected", "failed"] as const;
const HEAD_BYTES = 32;
const TEXT_BYTES = 8_192;
const AT = { ordinal: 0, type: 1, micros: 2, textBytes: 3 } as const;

/**
 * Where the thread writes its reply, in memory that both threads share: who has to know at once how it went can
 * wait for it without a turn of the event loop.
 */
export interface ReplyBoard {
  readonly memory: SharedArrayBuffer;
  /** Says how commit number `ordinal` went, and wakes who waits for it. */
  write(ordinal: number, reply: CommitReply): void;
  /** How commit number `ordinal` went, once it is over. */
  read(ordinal: number): CommitReply | undefined;
  /** Blocks until commit number `ordinal` is over; answers false when that takes too long. */
  wait(ordinal: number, msMax: number): boolean;
}

export function replyBoard(memory = new SharedArrayBuffer(HEAD_BYTES + TEXT_BYTES)): ReplyBoard {
  const head = new Int32Array(memory, 0, HEAD_BYTES / 4);
  const text = new Uint8Array(memory, HEAD_BYTES, TEXT_BYTES);
  const isOver = (ordinal: number) => Atomics.load(head, AT.ordinal) === ordinal;
  return {
    memory,
    write(ordinal, reply) {
      head[AT.type] = TYPES.indexOf(reply.type);
      head[AT.micros] = reply.type === "done" ? Math.round(reply.ms * 1_000) : 0;
      head[AT.textBytes] = reply.type === "failed" ? writeError(text, reply.error) : 0;
      Atomics.store(head, AT.ordinal, ordinal);
      Atomics.notify(head, AT.ordinal);
    },
    read(ordinal) {
      if (!isOver(ordinal)) return undefined;
      const type = TYPES[head[AT.type] ?? -1];
      if (type === "done") return { type, ms: (head[AT.micros] ?? 0) / 1_000 };
      if (type === "failed") return { type, error: readError(text, head[AT.textBytes] ?? 0) };
      return { type: "unexpected" };
    },
    wait(ordinal, msMax) {
      const end = performance.now() + msMax;
      while (!isOver(ordinal)) {
        const left = end - performance.now();
        if (left <= 0) return false;
        Atomics.wait(head, AT.ordinal, Atomics.load(head, AT.ordinal), Math.min(left, 100));
      }
      return true;
    },
  };
}

function writeError(text: Uint8Array, error: Error): number {
  const code = "code" in error ? String(error.code) : "";
  const json = JSON.stringify([code, error.message.slice(0, TEXT_BYTES / 8)]);
  return new TextEncoder().encodeInto(json, text).written;
}

/** With the code that `isStorageError` looks at. */
function readError(text: Uint8Array, bytes: number): Error {
  // A decoder takes no shared memory.
  const json = new TextDecoder().decode(text.slice(0, bytes));
  const [code, message] = JSON.parse(json) as readonly [code: string, message: string];
  return Object.assign(new Error(message), code === "" ? {} : { code });
}
