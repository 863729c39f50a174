import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";

/** Where text goes: the standard output or the standard error of the process, or a test. */
export interface Sink {
  readonly isTTY: boolean;
  /** How large the terminal is at present, where there is one. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): void;
}

/** All that a command touches of its process. */
export interface Context {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readStdin(): Promise<string>;
  readonly stdinIsTTY: boolean;
  now(): Date;
  /** What the process will answer; set by the command that ran. */
  exitCode: number;
}

/** The context of the real process. */
export function processContext(): Context {
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    env: process.env,
    readStdin,
    stdinIsTTY: process.stdin.isTTY === true,
    now: () => new Date(),
    exitCode: 0,
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // Whoever reads us may stop reading (`| head`): that is no failure of ours.
  stream.on("error", (error: Error & { code?: string }) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    write: (text) => void stream.write(text),
  };
}

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for await (const chunk of process.stdin) {
      text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (cause) {
    const failure = new CliFailure(
      `Cannot read the standard input: ${fileReason(cause)}`,
      EXIT.usage,
    );
    failure.cause = cause;
    throw failure;
  }
}
