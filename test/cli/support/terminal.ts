import type { Context } from "../../../src/cli/context.ts";
import { runProgram } from "../../../src/cli/run-program.ts";
import { NOON } from "../../http/support/memory-daemon.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TerminalSettings {
  readonly tty?: boolean;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with everything written to standard error so far. */
  readonly onErr?: (text: string) => void;
}

/** Runs one command line in this process, with outputs that are kept. */
export async function tocsin(
  args: readonly string[],
  { tty = false, stdin = "", env = {}, onErr }: TerminalSettings = {},
): Promise<Ended> {
  let out = "";
  let err = "";
  const context: Context = {
    stdout: {
      isTTY: tty,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      isTTY: tty,
      write: (text) => {
        err += text;
        onErr?.(err);
      },
    },
    env,
    readStdin: async () => stdin,
    stdinIsTTY: tty,
    now: () => new Date(NOON + 200_000),
    exitCode: 0,
  };
  const code = await runProgram(args, context);
  return { code, out, err };
}
