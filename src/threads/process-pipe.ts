import { writeSync } from "node:fs";
import type { MessagePort } from "node:worker_threads";

const FULL_PIPE_MS = 1;

/**
 * Writes each message as a line before it goes on: what was said is not lost with the process. Where the
 * other end is gone nobody is left to work for, and the whole process group is killed.
 */
export function pipePort(descriptor: number): Pick<MessagePort, "postMessage"> {
  return {
    postMessage(text: string) {
      let rest: Uint8Array = Buffer.from(`${text}\n`);
      while (rest.length > 0) rest = rest.subarray(written(descriptor, rest));
    },
  };
}

function written(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (!isFull(error)) killOwnGroup();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    return 0;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/** Ends this process and everything in its group, at once. */
export function killOwnGroup(): never {
  process.kill(-process.pid, "SIGKILL");
  return process.exit(1);
}
