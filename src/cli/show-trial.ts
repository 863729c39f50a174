import { durationInWords } from "../domain/duration.ts";
import { errorText } from "../domain/error-text.ts";
import type { ExchangeView, TrialView } from "../domain/trial.ts";
import type { Printer } from "./printer.ts";
import { printFacts } from "./show-run.ts";

/** How a hook did when it was tried: what it was told of, what it did outside, what it said, how it ended. */
export function printTrial(printer: Printer, trial: TrialView): void {
  printFacts(printer, [
    ["hook", trial.name === trial.hook ? trial.hook : `${trial.name} (${trial.hook})`],
    ["moment", trial.moment],
    ["told of", subjectOf(trial)],
  ]);
  for (const exchange of trial.exchanges) printExchange(printer, exchange, trial);
  if (trial.log.length > 0) printer.line("");
  for (const { level, text } of trial.log) {
    printer.line(`${level.padEnd(5)}  ${printer.safeLines(text)}`);
  }
  printer.line("");
  const took = durationInWords(
    Math.max(0, Date.parse(trial.endedAt) - Date.parse(trial.startedAt)),
  );
  const style = trial.outcome === "delivered" ? "green" : "red";
  const { error, retryAfterMs } = trial;
  const wait = retryAfterMs === undefined ? "" : `, retry after ${durationInWords(retryAfterMs)}`;
  printer.line(`${printer.paint(style, trial.outcome)} in ${took}${wait}`);
  if (error !== undefined) printer.line(printer.safeLines(errorText(error)));
  if (!trial.sent) printer.note("Nothing was sent or started; with --send it is");
}

function subjectOf({ run, flow, task, state, decision, madeUp }: TrialView): string {
  if (decision !== undefined) {
    const { kind, dueAt, reason } = decision;
    const due = `due time ${dueAt} of flow "${flow}", ${kind}: ${reason}`;
    return madeUp === "nothing" ? due : `a made-up ${due}`;
  }
  const whose = task === undefined ? "" : `task "${task}" in `;
  const name = `${whose}${madeUp === "all" ? "a made-up run" : `run "${run?.name}"`} of flow "${flow}"`;
  const message = state?.message === "" ? "" : `: ${state?.message}`;
  const invented =
    madeUp === "state" ? " (this state is made up: the run has had none that fits)" : "";
  return `${name}, ${state?.name}${message}${invented}`;
}

function printExchange(printer: Printer, exchange: ExchangeView, { sent }: TrialView): void {
  const { request, detail, answer } = exchange;
  printer.line("");
  printer.line(`${printer.paint("bold", "→")} ${printer.safeLines(request)}`);
  if (detail !== undefined) {
    printer.line(`  ${printer.safeLines(detail).replaceAll("\n", "\n  ")}`);
  }
  if (answer !== undefined)
    printer.line(`${printer.paint("bold", "←")} ${printer.safeLines(answer)}`);
  else if (sent) printer.line(`${printer.paint("bold", "←")} no answer`);
}
