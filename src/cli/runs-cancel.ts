import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";
import { printRun } from "./show-run.ts";

/** `tocsin runs cancel` */
export function addRunsCancel(runs: Command, context: Context): void {
  runs
    .command("cancel")
    .description("ask a run to stop; after its grace it is stopped")
    .argument("<run>", "id, its first characters (6 at least), or name")
    .action(
      perform(context, async ({ api, printer, args }) => {
        const run = await (await api()).cancel(args[0] ?? "");
        printer.document(run, () => printRun(printer, run));
        printer.next(`tocsin logs ${run.name} -f`);
        return 0;
      }),
    );
}
