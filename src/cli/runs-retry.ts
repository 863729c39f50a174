import type { Command } from "commander";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";
import { printRun } from "./show-run.ts";
import { waitForEnd } from "./wait-for-end.ts";

/** `tocsin runs retry` */
export function addRunsRetry(runs: Command, context: Context): void {
  runs
    .command("retry")
    .description("run again what is over; tasks with persist that completed are not executed again")
    .argument("<run>", "id, its first characters (6 at least), or name")
    .option("--wait", "wait for the end; exit code 1 unless the run completed")
    .action(perform(context, retry));
}

async function retry(session: Session, options: { readonly wait?: boolean }): Promise<number> {
  const { api, printer, args } = session;
  const daemon = await api();
  const { id } = await daemon.findRun(args[0] ?? "");
  // What happened before the retry is no news to who waits for its end.
  const afterSeq =
    options.wait === true ? (await daemon.listTransitions(id)).items.at(-1)?.seq : undefined;
  const run = await daemon.retry(id);
  if (afterSeq !== undefined) return await waitForEnd(session, { ...run, afterSeq });
  printer.document(run, () => printRun(printer, run));
  printer.next(`tocsin logs ${run.name} -f`);
  return EXIT.ok;
}
