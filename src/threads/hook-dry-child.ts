import type { ChildProcess } from "node:child_process";
import { Readable, Writable } from "node:stream";

const WRITTEN_MAX = 16_384;

/**
 * Lets a `ChildProcess` that was not started seem to have ended well and said nothing. Answers what tells
 * what was written to its standard input.
 */
export function endedChild(child: ChildProcess, stdio: unknown): () => string {
  let written = "";
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (written.length < WRITTEN_MAX) written += chunk.toString();
      done();
    },
  });
  const [input, output, errors] = [0, 1, 2].map((number) => isPipe(stdio, number));
  const streams = {
    stdin: input ? stdin : null,
    stdout: output ? Readable.from([]) : null,
    stderr: errors ? Readable.from([]) : null,
  };
  for (const [name, value] of Object.entries(streams)) {
    Object.defineProperty(child, name, { value, configurable: true, writable: true });
  }
  Object.defineProperty(child, "stdio", { value: Object.values(streams), configurable: true });
  // Whoever started it listens by then.
  setImmediate(() => {
    Object.defineProperty(child, "exitCode", { value: 0, configurable: true });
    child.emit("spawn");
    child.emit("exit", 0, null);
    setImmediate(() => child.emit("close", 0, null));
  });
  return () => written;
}

/** `"pipe"`, undefined, `["pipe", …]` or Node's `[{ type: "pipe" }, …]`. */
function isPipe(stdio: unknown, number: number): boolean {
  const given: unknown = Array.isArray(stdio) ? stdio[number] : stdio;
  const kind: unknown =
    typeof given === "object" && given !== null ? Reflect.get(given, "type") : given;
  return kind === undefined || kind === null || kind === "pipe" || kind === "overlapped";
}
