import { tmpdir } from "node:os";
import { CommanderError } from "commander";
import { StartRefused } from "../domain/start-refused.ts";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Globals } from "./globals.ts";
import { createPrinter } from "./printer.ts";
import { createProgram } from "./program.ts";

/** Runs one command line to its end, and answers the exit code. Nothing is thrown. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  const program = createProgram(context);
  try {
    await program.parseAsync([...args], { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const printer = createPrinter(context, program.opts<Globals>());
    const failure = failureOf(error, program.opts<Globals>().verbose === true);
    printer.failure(failure.message);
    for (const detail of failure.details) context.stderr.write(`${printer.safeLines(detail)}\n`);
    return failure.exitCode;
  }
}

interface Told {
  readonly message: string;
  readonly exitCode: number;
  readonly details: readonly string[];
}

function failureOf(error: unknown, verbose: boolean): Told {
  if (error instanceof CliFailure) return error;
  if (error instanceof StartRefused) {
    return { message: error.message, exitCode: error.exitCode, details: [] };
  }
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && verbose ? [error.stack ?? ""] : [];
  if (NOT_UNPACKED.test(text))
    return { message: notUnpacked(text), exitCode: EXIT.failed, details: stack };
  return { message: text, exitCode: EXIT.failed, details: stack };
}

/** What the system says of the database's native part when it could not be unpacked, or not be loaded from there. */
const NOT_UNPACKED = /\.node: (?:cannot open shared object|failed to map segment)/;

function notUnpacked(reason: string): string {
  return `Cannot load the database engine from the temporary directory "${tmpdir()}": ${reason}; set TMPDIR to a directory in which files may be written and executed`;
}
