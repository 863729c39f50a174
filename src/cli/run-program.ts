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
  return { message: text, exitCode: EXIT.failed, details: stack };
}
