import type { Command } from "commander";
import type { FlowView, ScheduleView } from "../http/flow-view.ts";
import type { Context } from "./context.ts";
import type { Printer } from "./printer.ts";
import { perform } from "./session.ts";
import type { Table } from "./table.ts";

/** `tocsin flows ls` */
export function addFlowsLs(flows: Command, context: Context): void {
  flows
    .command("ls")
    .description("list the flows of the config: their latest run, schedule and next due time")
    .action(
      perform(context, async ({ api, printer }) => {
        const page = await (await api()).listFlows();
        printer.list(page, () => flowTable(printer, page.items));
        const [first] = page.items;
        if (first !== undefined) printer.next(`tocsin flows show ${first.name}`);
        return 0;
      }),
    );
}

function flowTable(printer: Printer, flows: readonly FlowView[]): Table {
  return {
    head: ["FLOW", "STATE", "LATEST RUN", "SCHEDULE", "NEXT DUE", "PAUSED"],
    rows: flows.map((flow) => [
      flow.name,
      flow.lastRun?.state.name ?? "",
      printer.time(flow.lastRun?.createdAt),
      schedulesInWords(flow.schedules),
      printer.time(flow.nextDueAt),
      restInWords(flow),
    ]),
  };
}

function schedulesInWords(schedules: readonly ScheduleView[]): string {
  const [first] = schedules;
  if (first === undefined) return "";
  return schedules.length === 1
    ? first.inWords
    : `${first.inWords} (and ${schedules.length - 1} more)`;
}

/** Who paused it, or that the config did. */
function restInWords({ pause, schedules }: Pick<FlowView, "pause" | "schedules">): string {
  if (pause !== undefined) return `by ${pause.by}`;
  const resting = schedules.filter(({ paused }) => paused);
  if (resting.length === 0) return "";
  const who = resting.map((one) =>
    one.pause === undefined ? "in the config" : `by ${one.pause.by}`,
  );
  const share =
    resting.length === schedules.length ? "" : `${resting.length} of ${schedules.length} `;
  return `${share}${[...new Set(who)].join(", ")}`;
}
