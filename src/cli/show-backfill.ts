import type { BackfillView } from "../domain/backfill.ts";
import type { Printer } from "./printer.ts";
import { printFacts } from "./show-run.ts";

export function printBackfill(printer: Printer, backfill: BackfillView): void {
  const { id, flow, schedule, from, to, overlap, by, createdAt, status, cancelledAt } = backfill;
  printFacts(printer, [
    ["backfill", id],
    ["flow", flow],
    ["schedule", schedule ?? ""],
    ["due", `from ${from} to ${to}`],
    ["overlap", overlap],
    ["asked for", `${printer.time(createdAt)} by ${by}`],
    ["cancelled", printer.time(cancelledAt)],
    ["status", status],
    ["runs", countsInWords(backfill)],
    ["trouble", troubleInWords(backfill)],
  ]);
}

function troubleInWords({ trouble }: BackfillView): string {
  if (trouble === undefined) return "";
  const times = trouble.tries === 1 ? "once" : `${trouble.tries} times`;
  return `its runs cannot be made: ${trouble.why} (tried ${times}, and goes on trying)`;
}

/** `3 of 30 completed, 1 running, 26 waiting`. */
export function countsInWords({ total, counts }: BackfillView): string {
  const { completed, toMake, hadRun, noSchedule, deleted, ...rest } = counts;
  const more: readonly (readonly [number, string])[] = [
    ...Object.entries(rest).map(([name, count]) => [count, name] as const),
    [toMake, "to be made"],
    [hadRun, "had a run"],
    [noSchedule, "without their schedule"],
    [deleted, "no longer kept"],
  ];
  const parts = more.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  return [`${completed} of ${total} completed`, ...parts].join(", ");
}
