import type { Command } from "commander";
import type { BackfillDueView, BackfillView } from "../domain/backfill.ts";
import type { Context } from "./context.ts";
import { patientWay } from "./patient-way.ts";
import type { Printer } from "./printer.ts";
import { type ScheduleClient, scheduleClientOver } from "./schedule-client.ts";
import { perform, type Session } from "./session.ts";
import { countsInWords, printBackfill } from "./show-backfill.ts";
import type { Table } from "./table.ts";
import { waitForBackfill } from "./wait-for-backfill.ts";

interface ShowOptions {
  readonly dues?: boolean;
  readonly wait?: boolean;
}

const REFERENCE = "id, or its first characters (6 at least)";

/** `tocsin backfills …` */
export function addBackfillsGroup(program: Command, context: Context): void {
  const backfills = program
    .command("backfills")
    .description("list, show and cancel backfills; one is begun with: tocsin backfill");
  backfills
    .command("ls")
    .description("list backfills, newest first")
    .action(perform(context, list));
  backfills
    .command("show")
    .description("how far a backfill has come")
    .argument("<backfill>", REFERENCE)
    .option("--dues", "each due time with its run")
    .option("--wait", "wait until all of its runs are over")
    .action(perform(context, show));
  backfills
    .command("cancel")
    .description("make no more runs, and cancel those that wait; what runs goes on")
    .argument("<backfill>", REFERENCE)
    .action(perform(context, cancel));
}

async function list({ way, printer }: Session): Promise<number> {
  const page = await scheduleClientOver(await way()).listBackfills();
  printer.list(page, () => backfillTable(printer, page.items));
  if (page.items.length === 0)
    printer.note("There are none; begin one with: tocsin backfill <flow>");
  return 0;
}

function backfillTable(printer: Printer, backfills: readonly BackfillView[]): Table {
  return {
    head: ["BACKFILL", "FLOW", "ASKED FOR", "STATUS", "RUNS"],
    rows: backfills.map((one) => [
      one.id,
      one.flow,
      printer.time(one.createdAt),
      one.status,
      countsInWords(one),
    ]),
  };
}

async function show(session: Session, { dues, wait }: ShowOptions): Promise<number> {
  const { way, printer, args } = session;
  const client = scheduleClientOver(await (wait === true ? patientWay(session) : way()));
  const found = await client.findBackfill(args[0] ?? "");
  const backfill = wait === true ? await waitForBackfill(session, found) : found;
  if (dues === true) {
    const items = await allDues(client, backfill.id);
    printer.list({ items }, () => dueTable(items));
    return 0;
  }
  printer.document(backfill, () => printBackfill(printer, backfill));
  return 0;
}

async function allDues(client: ScheduleClient, id: string): Promise<readonly BackfillDueView[]> {
  const items: BackfillDueView[] = [];
  let after: number | undefined;
  do {
    const page = await client.listBackfillDues(id, after);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

function dueTable(dues: readonly BackfillDueView[]): Table {
  return {
    head: ["DUE", "SCHEDULE", "OUTCOME", "RUN", "STATE"],
    rows: dues.map(({ dueAt, schedule, outcome = "to be made", run = "", state = "" }) => [
      dueAt,
      schedule,
      outcome,
      run,
      state,
    ]),
  };
}

async function cancel({ way, printer, args }: Session): Promise<number> {
  const backfill = await scheduleClientOver(await way()).cancelBackfill(args[0] ?? "");
  printer.document(backfill, () => printBackfill(printer, backfill));
  return 0;
}
