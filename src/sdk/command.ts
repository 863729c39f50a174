import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { definitionSite } from "./definition-site.ts";
import { defineFlow, type Flow, type FlowContext, type FlowSettings } from "./flow.ts";
import type { FlowRun } from "./flow-run.ts";
import { startInThread, stopProgram } from "./programs.ts";
import { RunAborted, RunCrash } from "./stops.ts";

export interface CommandOptions extends FlowSettings {
  /** The program and its arguments; no shell reads them. */
  readonly argv: readonly [string, ...string[]];
  /** Added to the daemon's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the program reads from its standard input; nothing by default. */
  readonly stdin?: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Makes a flow of a program. Its output becomes log lines; exit code 0 is success. */
export function command(options: CommandOptions): Flow<[], void> {
  const { argv: _argv, env: _env, cwd: _cwd, stdin: _stdin, ...settings } = options;
  const run = (_: unknown, context: FlowContext) => perform(options, context);
  return defineFlow({ ...settings, run }, definitionSite(command));
}

async function perform(options: CommandOptions, context: FlowContext): Promise<void> {
  const [program] = options.argv;
  context.signal.throwIfAborted();
  const child = start(options, context.run);
  const stop = () => stopInTime(child, context.signal.reason);
  context.signal.addEventListener("abort", stop, { once: true });
  try {
    const [ended] = await Promise.all([
      endOf(child, program),
      logLines(child.stdout, context.log.info),
      logLines(child.stderr, context.log.warn),
    ]);
    context.signal.throwIfAborted();
    if (ended.signal !== null) throw new RunCrash(`"${program}" was killed by ${ended.signal}`);
    if (ended.code !== 0) throw new Error(`"${program}" exited with code ${ended.code}`);
  } finally {
    context.signal.removeEventListener("abort", stop);
  }
}

function start({ argv, env, cwd, stdin }: CommandOptions, run: FlowRun): ChildProcess {
  const [program, ...rest] = argv;
  const child = startInThread(() =>
    spawn(program, rest, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...aboutRun(run), ...env },
      // A group of its own, so that what the program starts can be stopped with it.
      detached: true,
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    }),
  );
  // A program need not read what it is given: a closed pipe is its own affair.
  child.stdin?.on("error", () => {});
  child.stdin?.end(stdin);
  return child;
}

function aboutRun(run: FlowRun): Record<string, string> {
  return {
    TOCSIN_FLOW: run.flow,
    TOCSIN_RUN_ID: run.id,
    TOCSIN_RUN_NAME: run.name,
    TOCSIN_ATTEMPT: String(run.attempt),
    ...(run.scheduledFor === undefined ? {} : { TOCSIN_SCHEDULED_FOR: run.scheduledFor }),
  };
}

function endOf(child: ChildProcess, program: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new Error(`Cannot start "${program}": ${cause.message}`, { cause }));
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

async function logLines(stream: Readable | null, write: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream })) write(line);
}

/** The group is killed before the grace is over: afterwards nobody is left to do it. */
function stopInTime(child: ChildProcess, reason: unknown): void {
  stopProgram(child, (reason instanceof RunAborted ? reason.graceMs : 5_000) * 0.8);
}
