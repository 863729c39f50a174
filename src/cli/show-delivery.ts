import { errorText } from "../domain/error-text.ts";
import type { DeliveryAttemptView, DeliveryEntry, DeliveryView } from "../store/run-history.ts";
import type { Printer } from "./printer.ts";
import { printFacts } from "./show-run.ts";
import type { Table } from "./table.ts";
import { cutTo, spanOf } from "./text.ts";

const WHY_MAX = 60;

/** Deliveries as a table; why they failed is cut where people read it. */
export function deliveryTable(
  printer: Printer,
  entries: readonly DeliveryEntry[],
  { isTTY }: { readonly isTTY: boolean },
): Table {
  const cut = (text: string) => (isTTY ? cutTo(text, WHY_MAX, "…") : text);
  return {
    head: ["DELIVERY", "HOOK", "MOMENT", "STATUS", "OF", "CREATED", "ATTEMPTS", "NEXT", "WHY"],
    rows: entries.map((entry) => [
      entry.id,
      entry.hookName ?? entry.hook,
      entry.moment,
      entry.status,
      subjectOf(entry),
      printer.time(entry.createdAt),
      String(entry.attemptsMade),
      printer.time(entry.nextAttemptAt),
      entry.status === "delivered" ? "" : cut(entry.lastError ?? entry.reason ?? ""),
    ]),
  };
}

/** One delivery with its attempts: what went wrong, what the hook wrote, what it asked of others. */
export function printDelivery(printer: Printer, delivery: DeliveryView): void {
  const { id, hook, hookName, moment, status, replays, decision, attempts } = delivery;
  const named = hookName === undefined || hookName === hook ? hook : `${hookName} (${hook})`;
  printFacts(printer, [
    ["delivery", id],
    ["hook", named],
    ["moment", moment],
    ["flow", delivery.flow],
    ["run", delivery.run === undefined ? "" : `${delivery.runName} (${delivery.run})`],
    ["task", delivery.task ?? ""],
    ["decision", decision === undefined ? "" : `${decision.kind}: ${decision.reason}`],
    ["due time", printer.time(decision?.dueAt)],
    ["status", status],
    ["reason", delivery.reason ?? ""],
    ["created", printer.time(delivery.createdAt)],
    ["next", printer.time(delivery.nextAttemptAt)],
    ["ended", printer.time(delivery.endedAt)],
    ["replays", replays === 0 ? "" : String(replays)],
  ]);
  for (const attempt of attempts) printAttempt(printer, attempt);
}

function subjectOf({ runName, task, flow, decision }: DeliveryEntry): string {
  if (decision !== undefined) return `${flow} ${decision.dueAt}`;
  return task === undefined ? (runName ?? flow) : `${runName}/${task}`;
}

function printAttempt(printer: Printer, view: DeliveryAttemptView): void {
  const { attempt, startedAt, endedAt, error, log, exchanges = [] } = view;
  const indented = (text: string) => printer.safeLines(text).replaceAll("\n", "\n    ");
  const took = spanOf(startedAt, endedAt);
  const outcome = printer.paint(error ? "red" : "green", error ? "failed" : "delivered");
  printer.line("");
  printer.line(`attempt ${attempt}  ${printer.time(startedAt)}, took ${took}: ${outcome}`);
  for (const { request, answer } of exchanges) {
    printer.line(`  → ${indented(request)}`);
    printer.line(`  ← ${indented(answer ?? "no answer")}`);
  }
  for (const { at, level, text } of log) {
    printer.line(`  ${at}  ${level.padEnd(5)}  ${indented(text)}`);
  }
  if (error !== undefined) printer.line(`  ${indented(errorText(error))}`);
}
