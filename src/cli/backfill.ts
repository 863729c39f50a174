import { type Command, Option } from "commander";
import {
  BACKFILL_POLICIES,
  type BackfillPlan,
  type BackfillPolicy,
  type BackfillView,
} from "../domain/backfill.ts";
import { askYes } from "./ask-yes.ts";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { type BackfillBody, scheduleClientOver } from "./schedule-client.ts";
import { perform, type Session } from "./session.ts";
import { printBackfill } from "./show-backfill.ts";
import { pastTime } from "./times.ts";
import { waitForBackfill } from "./wait-for-backfill.ts";

interface BackfillOptions {
  readonly from: string;
  readonly to: string;
  readonly schedule?: string;
  readonly overlap?: BackfillPolicy;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

/** `tocsin backfill` */
export function addBackfill(program: Command, context: Context): void {
  program
    .command("backfill")
    .description("make the runs of due times that have passed and have none, oldest first")
    .argument("<flow>", "name of the flow")
    .requiredOption("--from <time>", "due at or after: 2026-01-31T08:00:00Z, 2026-01-31, or 7d ago")
    .requiredOption("--to <time>", "due before; 0s for now")
    .option("--schedule <key>", "only of this schedule")
    .addOption(
      new Option("--overlap <policy>", "one run after another, or side by side").choices(
        BACKFILL_POLICIES,
      ),
    )
    .option("--dry-run", "only say which")
    .option("-y, --yes", "do not ask")
    .option("--wait", "wait until all of them are over; exit 1 unless all completed")
    .action(perform(context, backfill));
}

async function backfill(session: Session, options: BackfillOptions): Promise<number> {
  const { way, printer, args } = session;
  const client = scheduleClientOver(await way());
  const flow = args[0] ?? "";
  const body = bodyOf(session, options);
  if (options.dryRun === true || options.yes !== true) {
    const plan = await client.planBackfill(flow, body);
    if (options.dryRun === true) return showPlan(session, plan);
    if (plan.hadRun === plan.total) return nothingToMake(session, plan);
    if (!(await isWanted(session, plan))) return EXIT.failed;
  }
  const begun = await client.beginBackfill(flow, body);
  if (options.wait === true) return await waitAndShow(session, begun);
  printer.document(begun, () => printBackfill(printer, begun));
  printer.next(`tocsin backfills show ${begun.id}`);
  return EXIT.ok;
}

function bodyOf({ context }: Session, options: BackfillOptions): BackfillBody {
  const { from, to, schedule, overlap } = options;
  return {
    from: pastTime("--from", from, context.now()),
    to: pastTime("--to", to, context.now()),
    ...(schedule === undefined ? {} : { schedule }),
    ...(overlap === undefined ? {} : { overlap }),
  };
}

function nothingToMake({ printer }: Session, plan: BackfillPlan): number {
  printer.note(`Nothing to do: each of ${plan.total} due times has a run already`);
  return EXIT.ok;
}

function showPlan({ printer }: Session, plan: BackfillPlan): number {
  printer.list({ items: plan.dues }, () => ({
    head: ["DUE", "SCHEDULE", "WOULD"],
    rows: plan.dues.map(({ dueAt, schedule, outcome }) => [
      dueAt,
      schedule,
      outcome === "had-run" ? "be left alone: it has a run" : "be run",
    ]),
  }));
  printer.note(planInWords(plan));
  return EXIT.ok;
}

/** A person is asked; a program has to say --yes. */
async function isWanted({ context, globals, printer }: Session, plan: BackfillPlan) {
  if (!context.stdinIsTTY || !globals.input) {
    const why = `${planInWords(plan)}; say --yes to make them, or --dry-run to see them`;
    throw new CliFailure(`Cannot backfill without being told so: ${why}`, EXIT.usage);
  }
  printer.note(planInWords(plan));
  return await askYes(context, `Make ${plan.total - plan.hadRun} runs of ${plan.flow}?`);
}

function planInWords({ total, hadRun, dues }: BackfillPlan): string {
  const [first, last] = [dues[0]?.dueAt, dues.at(-1)?.dueAt];
  const had =
    hadRun === 0 ? "" : `, ${hadRun} of them ${hadRun === 1 ? "has" : "have"} a run already`;
  return `${total} due ${total === 1 ? "time" : "times"} from ${first} to ${last}${had}`;
}

async function waitAndShow(session: Session, begun: BackfillView): Promise<number> {
  session.printer.note(`backfill ${begun.id}`);
  const over = await waitForBackfill(session, begun);
  session.printer.document(over, () => printBackfill(session.printer, over));
  const { failed, crashed, cancelled, toMake } = over.counts;
  return failed + crashed + cancelled + toMake === 0 ? EXIT.ok : EXIT.failed;
}
