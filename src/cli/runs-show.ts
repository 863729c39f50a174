import type { Command } from "commander";
import type { DeliveryView } from "../store/run-history.ts";
import type { Context } from "./context.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { printRun, transitionLine } from "./show-run.ts";

/** `tocsin runs show` */
export function addRunsShow(runs: Command, context: Context): void {
  runs
    .command("show")
    .description("a run, its states and its hook deliveries")
    .argument("<run>", "id, the first characters of one, or name")
    .action(perform(context, showRun));
}

async function showRun({ api, printer, args }: Session): Promise<number> {
  const daemon = await api();
  const run = await daemon.findRun(args[0] ?? "");
  const [transitions, tasks, deliveries] = await Promise.all([
    daemon.listTransitions(run.id),
    daemon.listTaskRuns(run.id),
    daemon.listDeliveries(run.id),
  ]);
  const all = {
    ...run,
    transitions: transitions.items,
    tasks: tasks.items,
    deliveries: deliveries.items,
  };
  printer.document(all, () => {
    printRun(printer, run);
    section(
      printer,
      "states",
      all.transitions.map((step) => transitionLine(printer, step)),
    );
    section(
      printer,
      "hooks",
      all.deliveries.map((delivery) => deliveryLine(printer, delivery)),
    );
  });
  printer.next(`tocsin logs ${run.name}`);
  return 0;
}

function section(printer: Printer, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  printer.line("");
  printer.line(printer.paint("dim", title));
  for (const line of lines) printer.line(`  ${line}`);
}

function deliveryLine(printer: Printer, delivery: DeliveryView): string {
  const { hook, moment, status, attempts, nextAttemptAt } = delivery;
  const error = attempts.at(-1)?.error?.message;
  const why = delivery.reason ?? error;
  const next = nextAttemptAt === undefined ? "" : `, next ${printer.time(nextAttemptAt)}`;
  const count = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
  return printer.safe(
    `${hook}  ${moment}  ${status} (${count}${next})${why === undefined ? "" : `  ${why}`}`,
  );
}
