import type { Command } from "commander";
import { durationInWords } from "../domain/duration.ts";
import { pauseInWords } from "../domain/schedule-pause.ts";
import type { FlowView, ScheduleView } from "../http/flow-view.ts";
import type { Context } from "./context.ts";
import type { Printer } from "./printer.ts";
import { scheduleClientOver } from "./schedule-client.ts";
import { perform } from "./session.ts";
import { printFacts } from "./show-run.ts";

/** `tocsin flows show` */
export function addFlowsShow(flows: Command, context: Context): void {
  flows
    .command("show")
    .description("one flow: its latest run, schedules, pauses and limits")
    .argument("<flow>", "name of the flow")
    .action(
      perform(context, async ({ way, printer, args }) => {
        const flow = await scheduleClientOver(await way()).findFlow(args[0] ?? "");
        printer.document(flow, () => printFlow(printer, flow));
        if (flow.schedules.length > 0) printer.next(`tocsin explain ${flow.name}`);
        return 0;
      }),
    );
}

function printFlow(printer: Printer, flow: FlowView): void {
  const { lastRun, pause, timeoutMs, concurrency } = flow;
  printFacts(printer, [
    ["flow", flow.name],
    ["about", flow.description],
    ["tags", flow.tags.join(", ")],
    [
      "latest run",
      lastRun === undefined
        ? ""
        : `${lastRun.name} ${lastRun.state.name} ${printer.time(lastRun.createdAt)}`,
    ],
    ["next due", printer.time(flow.nextDueAt)],
    ["paused", pause === undefined ? "" : pauseInWords(pause)],
    ["schedules", flow.schedules.map(scheduleLine).join("\n")],
    ["overlap", flow.overlap],
    ["at once", concurrency === undefined ? "" : `${concurrency}`],
    ["retries", flow.retries === 0 ? "" : `${flow.retries}`],
    ["timeout", timeoutMs === undefined ? "" : durationInWords(timeoutMs)],
    ["hooks", flow.hooks.map(({ name, moments }) => `${name} (${moments.join(", ")})`).join("\n")],
    ["defined at", flow.definedAt ?? ""],
  ]);
}

function scheduleLine({ key, inWords, pause, pausedInConfig, until }: ScheduleView): string {
  const notes = [
    until === undefined ? "" : `until ${until}`,
    pausedInConfig === true ? "paused in the config" : "",
    pause === undefined ? "" : pauseInWords(pause),
  ].filter((note) => note !== "");
  return [`${key}: ${inWords}`, ...notes].join("; ");
}
