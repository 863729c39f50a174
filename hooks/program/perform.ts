import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type AnyContext, startInThread, stopProgram } from "../../src/sdk/mod.ts";

export interface Program {
  readonly argv: readonly [string, ...string[]];
  /** What it reads from its standard input; nothing by default. */
  readonly input?: string;
  /** Added to the daemon's own environment, of which the store's key is not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Ended {
  /** `exited with code 1`, `was killed by SIGTERM`, or that its time was over. */
  readonly how: string;
  /** Only for exit code 0. */
  readonly well: boolean;
  /** The last lines of its standard error. */
  readonly lastWords: readonly string[];
}

/** How long a program that was asked to end may take before it is killed. */
const GRACE_MS = 500;
const LAST_WORDS_MAX = 20;

/**
 * Performs a program to its end; both outputs become log lines. Rejects only where it cannot be started. When
 * the signal aborts, the program and all that it started are stopped.
 */
export async function perform(program: Program, context: AnyContext): Promise<Ended> {
  const { signal } = context;
  signal.throwIfAborted();
  const child = start(program);
  const stop = () => stopProgram(child, GRACE_MS);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await endOf(child, program, context);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function start({ argv: [name, ...args], cwd, env }: Program): ChildProcess {
  const { TOCSIN_KEY: _theStoresKey, ...inherited } = process.env;
  return startInThread(() =>
    spawn(name, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...inherited, ...env },
      // A group of its own, so that what the program starts ends with it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
}

async function endOf(child: ChildProcess, program: Program, context: AnyContext): Promise<Ended> {
  // A program need not read what it is told: a closed pipe is its own affair.
  child.stdin?.on("error", () => {});
  child.stdin?.end(program.input ?? "");
  const lastWords: string[] = [];
  const [how] = await Promise.all([
    closeOf(child, program.argv[0]),
    eachLine(child.stdout, (line) => context.log.info(line)),
    eachLine(child.stderr, (line) => {
      lastWords.push(line);
      if (lastWords.length > LAST_WORDS_MAX) lastWords.shift();
      context.log.warn(line);
    }),
  ]);
  const well = how === "exited with code 0";
  const stopped = !well && context.signal.aborted;
  return { how: stopped ? "took too long and was stopped" : how, well, lastWords };
}

function closeOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new Error(`Cannot start "${name}": ${cause.message}`, { cause }));
    });
    child.once("close", (code, signal) => {
      resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`);
    });
  });
}

async function eachLine(stream: Readable | null, tell: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream })) tell(line);
}
