import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import type { LogLevel } from "../domain/executor.ts";
import { type ErrorInfo, errorInfo } from "../domain/failure.ts";
import { flowEnvironment } from "./flow-environment.ts";
import { killGroup, killMarked, MARK } from "./process-group.ts";
import { lineReader } from "./process-lines.ts";
import { MESSAGES_FD, type MessageFromChild, type MessageToChild } from "./process-messages.ts";

/** How long a child may take to go once its input is closed. */
const GO_MS = 1_000;
/** How long the rest of its output is waited for once it is gone. */
const DRAIN_MS = 500;

/** How a child ended, as far as the system says. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not even be started. */
  readonly error?: ErrorInfo;
}

/** The daemon's end of the line to one child process. */
export interface ChildLink {
  readonly pid: number | undefined;
  post(message: MessageToChild): void;
  /** Closes the child's input, upon which it kills its group; if it does not, it is killed from here. */
  end(): void;
  /** Kills the child with its group at once. */
  kill(): void;
}

export interface ChildEars {
  message(message: MessageFromChild): void;
  /** A line that something in the child has written to a standard stream, past the console. */
  wrote(level: LogLevel, line: string): void;
  /** Called once, when the child is gone and everything it said has been heard. */
  closed(death: Death): void;
}

export interface ChildOrder {
  readonly command: readonly string[];
  /** The first line, of a `ChildDuty`. */
  readonly duty: string;
  /** Unique among all children. */
  readonly mark: string;
}

/** Starts a child process that leads a process group of its own. */
export function openChild({ command, duty, mark }: ChildOrder, ears: ChildEars): ChildLink {
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, {
    detached: true,
    env: environment(mark),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const { pid, stdin } = child;
  const say = (line: string) => void stdin?.write(`${line}\n`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let forced = false;
  const kill = () => {
    forced = true;
    if (pid !== undefined) killGroup(pid);
  };
  // A child that is gone does not read; that it is gone is told elsewhere.
  stdin?.on("error", () => {});
  hearLines(child, ears);
  void deathOf(child).then((death) => {
    clearTimeout(timer);
    ears.closed(death);
  });
  child.once("exit", (code) => {
    // A child that goes in good order when it is told to has seen to its programs itself.
    if (timer === undefined || forced || code !== 0) killMarked(mark);
    kill();
  });
  say(duty);
  return {
    pid,
    post: (message) => say(JSON.stringify(message)),
    end() {
      stdin?.end();
      timer ??= setTimeout(kill, GO_MS);
    },
    kill,
  };
}

function hearLines(child: ChildProcess, ears: ChildEars): void {
  const hear = (stream: unknown, take: (line: string) => void, partialMax?: number) => {
    if (!(stream instanceof Readable)) return;
    const lines = lineReader(take, partialMax === undefined ? {} : { partialMax });
    stream.on("data", lines.write);
    stream.on("error", () => {});
    stream.once("close", lines.end);
  };
  hear(child.stdout, (line) => ears.wrote("info", line));
  hear(child.stderr, (line) => ears.wrote("error", line));
  const batch = (line: string) => {
    for (const message of messagesIn(line)) ears.message(message);
  };
  hear(child.stdio[MESSAGES_FD], batch, Number.POSITIVE_INFINITY);
}

/** A child that is killed while it writes leaves half a line. */
function messagesIn(line: string): readonly MessageFromChild[] {
  try {
    return JSON.parse(line) as readonly MessageFromChild[];
  } catch {
    return [];
  }
}

/** Resolves when the child is gone and its output is read: "close", if nobody else holds the output open. */
function deathOf(child: ChildProcess): Promise<Death> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("error", (cause) => resolve({ code: null, signal: null, error: errorInfo(cause) }));
    child.once("exit", (code, signal) => {
      setTimeout(() => resolve({ code, signal }), DRAIN_MS);
    });
  });
}

/** The daemon's environment as threads get it, with the mark, and without reports of crashes to strangers. */
function environment(mark: string): NodeJS.ProcessEnv {
  return { ...flowEnvironment(), [MARK]: mark, BUN_ENABLE_CRASH_REPORTING: "0" };
}
