import type { Command } from "commander";
import { durationInWords } from "../domain/duration.ts";
import type { HookTroubleView, StatusView } from "../http/api-deps.ts";
import type { Context } from "./context.ts";
import type { Printer } from "./printer.ts";
import { problemLine } from "./problem-line.ts";
import { perform } from "./session.ts";
import { printFacts } from "./show-run.ts";
import { sizeInWords } from "./text.ts";

/** `tocsin status` */
export function addStatus(program: Command, context: Context): void {
  program
    .command("status")
    .description("how the daemon stands")
    .action(
      perform(context, async ({ api, printer }) => {
        const status = await (await api()).status();
        printer.document(status, () => printStatus(printer, status));
        if (status.deliveries.dead > 0) printer.next("tocsin hooks deliveries --failed");
        return 0;
      }),
    );
}

function printStatus(printer: Printer, status: StatusView): void {
  const { config, store, threads } = status;
  const problems = config.lastReloadProblems ?? [];
  const stuck = threads.stuck === 0 ? "" : `, ${threads.stuck} stuck`;
  printFacts(printer, [
    ["version", status.version],
    ["up", durationInWords(status.uptimeMs)],
    ["next due", printer.time(status.nextDueAt)],
    ["paused", (status.pausedFlows ?? []).join(", ")],
    ["runs", countsInWords(status.runs)],
    ["deliveries", countsInWords(status.deliveries)],
    ["trouble", (status.troubledHooks ?? []).map((hook) => troubleOf(printer, hook)).join("\n")],
    ["threads", `${threads.busy} of ${threads.threads} busy${stuck}`],
    ["config", `generation ${config.generation}, accepted ${printer.time(config.acceptedAt)}`],
    ["refused", problems.map(problemLine).join("\n")],
    [
      "store",
      store.path + (store.sizeBytes === undefined ? "" : `, ${sizeInWords(store.sizeBytes)}`),
    ],
    ["boot", status.bootId],
  ]);
}

function troubleOf(printer: Printer, { hook, dead, waiting, downSince }: HookTroubleView): string {
  const parts = [
    dead === 0 ? "" : `${dead} dead`,
    downSince === undefined
      ? ""
      : `its receiver does not answer since ${printer.time(downSince)}, ${waiting} wait`,
  ];
  return `hook ${hook}: ${parts.filter((part) => part !== "").join("; ")}`;
}

function countsInWords(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  if (parts.length === 0) return "none";
  return parts.map(([name, count]) => `${count} ${name.toLowerCase()}`).join(", ");
}
