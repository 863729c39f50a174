import type { Command } from "commander";
import { pauseInWords } from "../domain/schedule-pause.ts";
import type { Context } from "./context.ts";
import type { Printer } from "./printer.ts";
import { type Paused, scheduleClientOver } from "./schedule-client.ts";
import { perform, type Session } from "./session.ts";

interface PauseOptions {
  readonly schedule?: string;
  readonly reason?: string;
}

/** `tocsin flows pause` */
export function addFlowsPause(flows: Command, context: Context): void {
  flows
    .command("pause")
    .description("let a flow's schedules rest, also across restarts; it can still be triggered")
    .argument("<flow>", "name of the flow")
    .option("--schedule <key>", "only this schedule")
    .option("--reason <text>", "why, for those who find it so")
    .action(perform(context, pause));
}

/** `tocsin flows resume` */
export function addFlowsResume(flows: Command, context: Context): void {
  flows
    .command("resume")
    .description(
      "let a paused flow's schedules go on from now; what was due meanwhile is not made up for",
    )
    .argument("<flow>", "name of the flow")
    .option("--schedule <key>", "only this schedule")
    .action(perform(context, resume));
}

async function pause(session: Session, options: PauseOptions): Promise<number> {
  const { way, printer, args } = session;
  const client = scheduleClientOver(await way());
  const paused = await client.pause(args[0] ?? "", options);
  printer.document(paused, () => printPauses(printer, paused, "was paused already"));
  printer.next(`tocsin flows resume ${paused.flow}`);
  return 0;
}

async function resume(session: Session, options: PauseOptions): Promise<number> {
  const { way, printer, args } = session;
  const client = scheduleClientOver(await way());
  const resumed = await client.resume(args[0] ?? "", options);
  printer.document(resumed, () => printPauses(printer, resumed, "was not paused"));
  const left = resumed.pauses.find(({ schedule }) => schedule !== undefined)?.schedule;
  if (left === undefined) printer.next(`tocsin next ${resumed.flow}`);
  else printer.next(`tocsin flows resume ${resumed.flow} --schedule ${left}`);
  return 0;
}

function printPauses(printer: Printer, answer: Paused, unchanged: string): void {
  const { flow, changed, pauses, pausedInConfig } = answer;
  if (!changed) printer.note(`flow ${printer.safe(flow)} ${unchanged}`);
  for (const one of pauses) {
    const what = one.schedule === undefined ? `flow ${flow}` : `schedule ${one.schedule}`;
    printer.line(printer.safe(`${what} is ${pauseInWords(one)}`));
  }
  for (const key of pausedInConfig) {
    printer.line(printer.safe(`schedule ${key} is paused in the config (paused: true)`));
  }
  if (pauses.length + pausedInConfig.length === 0) {
    printer.line(printer.safe(`flow ${flow} runs by its schedules`));
  }
}
