import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  type Hook,
  type HookContext,
  type HookOptions,
  hook,
  startInThread,
  stopProgram,
} from "../src/sdk/mod.ts";
import { told } from "./receiver/told.ts";

export interface CommandHookOptions extends Omit<HookOptions, "run"> {
  /** The program and its arguments; no shell reads them unless `shell` is set. */
  readonly argv: readonly [string, ...string[]];
  /** Hands the first of `argv` to `/bin/sh -c`; the others become `$1`, `$2`, … */
  readonly shell?: boolean;
  /** Added to the daemon's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How long a program that was asked to end may take before it is killed. */
const GRACE_MS = 500;
const TEXT_MAX = 4_096;

/** Runs a program that reads the transition as JSON from its standard input. Only exit code 0 is success. */
export function command({ argv, shell, env, cwd, ...options }: CommandHookOptions): Hook {
  if (!Array.isArray(argv) || argv.length === 0) {
    throw new TypeError("Cannot make command({ argv }): expected a program and its arguments");
  }
  const program = shell === true ? inShell(argv) : argv;
  return hook({
    name: shell === true ? "command" : argv[0],
    ...options,
    run: (context) => perform(program, { env, cwd }, context),
  });
}

/** `sh -c script name args…`: the name is what the shell calls itself in its errors. */
function inShell([script, ...args]: readonly [string, ...string[]]): readonly [
  string,
  ...string[],
] {
  return ["/bin/sh", "-c", script, "sh", ...args];
}

interface Surroundings {
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly cwd: string | undefined;
}

async function perform(
  [program, ...args]: readonly [string, ...string[]],
  { env, cwd }: Surroundings,
  context: HookContext,
): Promise<void> {
  context.signal.throwIfAborted();
  const { TOCSIN_KEY: _theStoresKey, ...inherited } = process.env;
  const child = startInThread(() =>
    spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...inherited, ...variables(context), ...env },
      // A group of its own, so that what the program starts ends with it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
  const stop = () => stopProgram(child, GRACE_MS);
  context.signal.addEventListener("abort", stop, { once: true });
  try {
    await exitOf(child, program, context);
  } finally {
    context.signal.removeEventListener("abort", stop);
  }
}

async function exitOf(child: ChildProcess, program: string, context: HookContext): Promise<void> {
  // A program need not read what it is told: a closed pipe is its own affair.
  child.stdin?.on("error", () => {});
  child.stdin?.end(`${JSON.stringify(told(context))}\n`);
  let lastWords = "";
  const [ended] = await Promise.all([
    endOf(child, program),
    eachLine(child.stdout, (line) => context.log.info(line)),
    eachLine(child.stderr, (line) => {
      lastWords = line;
      context.log.warn(line);
    }),
  ]);
  if (ended === "exited with code 0") return;
  const why = context.signal.aborted ? "took too long and was stopped" : ended;
  throw new Error(`Cannot deliver by "${program}": it ${why}${lastWords && `: ${lastWords}`}`);
}

function endOf(child: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new Error(`Cannot start "${program}": ${cause.message}`, { cause }));
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

function variables({ flow, run, task, state, delivery, urls }: HookContext) {
  const all = {
    TOCSIN_FLOW: flow.name,
    TOCSIN_RUN_ID: run.id,
    TOCSIN_RUN_NAME: run.name,
    TOCSIN_RUN_URL: urls.run,
    TOCSIN_TASK: task ?? "",
    TOCSIN_MOMENT: delivery.moment,
    TOCSIN_STATE_TYPE: state.type,
    TOCSIN_STATE_NAME: state.name,
    TOCSIN_STATE_MESSAGE: state.message,
    TOCSIN_DELIVERY_ID: delivery.id,
    TOCSIN_DELIVERY_ATTEMPT: String(delivery.attempt),
  };
  const fit = (text: string) => text.replaceAll("\0", "").slice(0, TEXT_MAX);
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, fit(text)]));
}
