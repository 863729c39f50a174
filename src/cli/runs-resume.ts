import type { Command } from "commander";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { collect, type ParameterOptions, readInput } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { printRun } from "./show-run.ts";

/** `tocsin runs resume` */
export function addRunsResume(runs: Command, context: Context): void {
  runs
    .command("resume")
    .description("let a paused run go on, with the input that it asked for")
    .argument("<run>", "id, its first characters (6 at least), or name")
    .option("-p, --parameter <key=value>", "a field of the input; may be JSON", collect, [])
    .option("--params <json>", "the whole input: JSON, or @file")
    .action(perform(context, resume));
}

async function resume({ api, printer, args }: Session, options: ParameterOptions): Promise<number> {
  const input = await readInput(options);
  const run = await (await api()).resume(args[0] ?? "", input);
  printer.document(run, () => printRun(printer, run));
  printer.next(`tocsin logs ${run.name} -f`);
  return EXIT.ok;
}
