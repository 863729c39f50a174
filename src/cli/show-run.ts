import { errorText } from "../domain/error-text.ts";
import type { RunView } from "../domain/run-view.ts";
import type { LogView, TransitionView } from "../store/run-history.ts";
import type { Printer } from "./printer.ts";
import type { Table } from "./table.ts";
import { spanOf } from "./text.ts";

/** Runs as a table; a run's id is short where people read it, and whole for programs. */
export function runTable(printer: Printer, runs: readonly RunView[]): Table {
  return {
    head: ["RUN", "FLOW", "STATE", "CREATED", "TOOK", "ID"],
    rows: runs.map((run) => [
      run.name,
      run.flow,
      run.state.name,
      printer.time(run.createdAt),
      spanOf(run.startedAt, run.endedAt),
      run.id,
    ]),
  };
}

/** A run with its facts below each other. */
export function printRun(printer: Printer, run: RunView): void {
  const { state } = run;
  const message = state.message === "" ? "" : `: ${state.message}`;
  printFacts(printer, [
    ["run", run.name],
    ["id", run.id],
    ["flow", run.flow],
    ["state", `${state.name}${message}`],
    ["resume by", printer.time(state.until)],
    ["input", state.schema === undefined ? "" : JSON.stringify(state.schema)],
    ["parent", run.parent ?? ""],
    ["backfill", run.backfill ?? ""],
    ["attempt", String(run.attempt)],
    ["priority", run.priority === 0 ? "" : String(run.priority)],
    ["parameters", JSON.stringify(run.parameters)],
    ["tags", run.tags.join(", ")],
    ["due", printer.time(run.scheduledFor)],
    ["created", printer.time(run.createdAt)],
    ["starts", state.dueAt === run.createdAt ? "" : printer.time(state.dueAt)],
    ["started", printer.time(run.startedAt)],
    ["ended", printer.time(run.endedAt)],
    ["took", spanOf(run.startedAt, run.endedAt)],
    ["result", run.result === undefined ? "" : JSON.stringify(run.result)],
    ["error", state.error === undefined ? "" : errorText(state.error)],
  ]);
}

/** Names and values below each other; those without a value are left out. */
export function printFacts(printer: Printer, facts: readonly (readonly [string, string])[]): void {
  for (const [name, value] of facts) {
    if (value === "") continue;
    const shown = printer.safeLines(value).replaceAll("\n", `\n${" ".repeat(12)}`);
    printer.line(`${printer.paint("dim", name.padEnd(10))}  ${shown}`);
  }
}

/** One change of state, as a line; `who` is whose it is, where it is not the run's own. */
export function transitionLine(printer: Printer, { state }: TransitionView, who = ""): string {
  const message = state.message === "" ? "" : `  ${state.message}`;
  const whose = who === "" ? "" : `${who} `;
  return `${printer.stamp(state.at)}  ${printer.safe(`${whose}${state.name}${message}`)}`;
}

/** One line that a run wrote; `who` is which one, where it is a child run. */
export function logLine(printer: Printer, line: LogView, who = ""): string {
  const whose = who === "" ? "" : `${printer.safe(who)}: `;
  return `${printer.stamp(line.at)}  ${line.level.padEnd(5)}  ${whose}${printer.safeLines(line.text)}`;
}
