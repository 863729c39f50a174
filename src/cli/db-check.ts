import type { Command } from "commander";
import type { StoreCheck } from "../domain/store-care.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { findStoreDoor } from "./with-store.ts";

/** `tocsin db check` */
export function addDbCheck(db: Command, context: Context): void {
  addStoreOptions(
    db
      .command("check")
      .description(
        "check the store's file and what its rows promise each other; exit code 1 if any fault",
      ),
  ).action(perform(context, check));
}

async function check(session: Session, options: StoreOptions): Promise<number> {
  const { printer } = session;
  const { client } = await findStoreDoor(session, options);
  const found = await client.check();
  printer.document(found, () => printCheck(printer, found));
  if (found.ok) return EXIT.ok;
  printer.next("tocsin db restore <backup>");
  return EXIT.failed;
}

function printCheck(printer: Printer, found: StoreCheck): void {
  for (const { fault, count, examples } of found.faults) {
    const shown = examples.length === 0 ? "" : `: ${examples.join(", ")}`;
    printer.line(printer.safe(`${fault} (${count})${shown}`));
  }
  if (found.ok) printer.line(checkInWords(found));
}

export function checkInWords({ runs, transitions, deliveries }: StoreCheck): string {
  return `ok: ${runs} runs, ${transitions} transitions, ${deliveries} deliveries`;
}
