import type { Command } from "commander";
import type { RunView } from "../domain/run-view.ts";
import type { DeliveryView } from "../store/run-history.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { readFamily } from "./family.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { printRun, transitionLine } from "./show-run.ts";
import { taskLines } from "./show-tasks.ts";
import { type RecordApi, withRecords } from "./with-records.ts";

/** `tocsin runs show` */
export function addRunsShow(runs: Command, context: Context): void {
  addStoreOptions(runs.command("show"))
    .description("a run, its tasks and child runs, its states and its hook deliveries")
    .argument("<run>", "id, its first characters (6 at least), or name")
    .action(
      perform<StoreOptions>(context, (session, options) =>
        withRecords(session, options, (records) => showRun(records, session)),
      ),
    );
}

async function showRun(daemon: RecordApi, { printer, args }: Session): Promise<number> {
  const run = await daemon.findRun(args[0] ?? "");
  const [transitions, family, deliveries] = await Promise.all([
    daemon.listTransitions(run.id),
    readFamily(daemon, run),
    daemon.listDeliveries(run.id),
  ]);
  const all = {
    ...run,
    transitions: transitions.items,
    tasks: family.tasks,
    children: family.children.map((child) => child.run),
    deliveries: deliveries.items,
  };
  const hasChildren = family.children.length > 0;
  printer.document(all, () => {
    printRun(printer, run);
    section(printer, hasChildren ? "tasks and child runs" : "tasks", taskLines(printer, family));
    section(
      printer,
      "states",
      all.transitions
        .filter(({ taskRun }) => taskRun === undefined)
        .map((step) => transitionLine(printer, step)),
    );
    section(
      printer,
      "hooks",
      all.deliveries.map((delivery) => deliveryLine(printer, delivery)),
    );
  });
  printer.next(nextFor(run));
  return 0;
}

function nextFor({ name, state }: RunView): string {
  if (state.type === "PAUSED") return `tocsin runs resume ${name}`;
  const failed = state.type === "FAILED" || state.type === "CRASHED";
  return failed ? `tocsin logs ${name}, tocsin runs retry ${name}` : `tocsin logs ${name}`;
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
