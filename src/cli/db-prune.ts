import { type Command, InvalidArgumentError } from "commander";
import { durationMs } from "../domain/duration.ts";
import type { PruneProgress } from "../domain/store-care.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { createProgress } from "./progress.ts";
import { perform, type Session } from "./session.ts";
import { findStoreDoor } from "./with-store.ts";

interface PruneOptions extends StoreOptions {
  readonly olderThan: string;
  readonly dryRun?: boolean;
}

/** `tocsin db prune` */
export function addDbPrune(db: Command, context: Context): void {
  addStoreOptions(
    db
      .command("prune")
      .description("delete runs that ended long ago, with all that belongs to them")
      .requiredOption("--older-than <duration>", "ended longer ago than this: 90d", age)
      .option("--dry-run", "only count them"),
  ).action(perform(context, prune));
}

async function prune(session: Session, options: PruneOptions): Promise<number> {
  const { printer } = session;
  const { client } = await findStoreDoor(session, options);
  const dryRun = options.dryRun === true;
  const progress = createProgress(session);
  let last: PruneProgress = { deleted: 0, total: 0, done: true };
  try {
    for await (const step of client.prune(options.olderThan, dryRun)) {
      last = step;
      if (!step.done) progress.show(`deleted ${step.deleted} of ${step.total} runs`);
    }
  } finally {
    progress.end();
  }
  const answer = dryRun ? { total: last.total, dryRun } : last;
  printer.document(answer, () => printer.line(inWords(last, dryRun)));
  if (dryRun && last.total > 0) printer.next(`tocsin db prune --older-than ${options.olderThan}`);
  return 0;
}

function inWords({ deleted, total }: PruneProgress, dryRun: boolean): string {
  const runs = (count: number) => (count === 1 ? "1 run" : `${count} runs`);
  if (dryRun) return `would delete up to ${runs(total)}`;
  const kept = total - deleted;
  if (kept <= 0) return `deleted ${runs(deleted)}`;
  return `deleted ${runs(deleted)}; ${kept} with a delivery that is not over stay`;
}

function age(text: string): string {
  if (durationMs(text) !== undefined) return text;
  throw new InvalidArgumentError("It is not a duration such as 90d.");
}
