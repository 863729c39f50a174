import type { Command } from "commander";
import type { Context } from "../src/cli/context.ts";
import { createProgram } from "../src/cli/program.ts";

const SILENT = { isTTY: false, write() {} };
const NOWHERE: Context = {
  stdout: SILENT,
  stderr: SILENT,
  env: {},
  readStdin: async () => "",
  stdinIsTTY: false,
  now: () => new Date(0),
  exitCode: 0,
};

/** A command that does something, as people write it: `runs ls`. */
export interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** The whole command line, as the program itself has it. */
export function wholeProgram(): Command {
  return createProgram(NOWHERE);
}

/** Every command that people are shown and that does something. */
export function leavesOf(command: Command, above: readonly string[] = []): readonly Leaf[] {
  return shownIn(command).flatMap((child) => {
    const words = [...above, child.name()];
    const below = leavesOf(child, words);
    return below.length > 0 ? below : [{ path: words.join(" "), command: child }];
  });
}

/** What the help of a command lists, without `help` itself. */
export function shownIn(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== "help");
}
