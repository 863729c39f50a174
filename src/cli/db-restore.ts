import { resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { checkInWords } from "./db-check.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";
import { findStorePath } from "./with-store.ts";

/** `tocsin db restore` */
export function addDbRestore(db: Command, context: Context): void {
  addStoreOptions(
    db
      .command("restore")
      .description("put a backup in the store's place, which is kept beside it; no daemon may run")
      .argument("<file>", "the backup"),
  ).action(perform(context, restore));
}

async function restore(session: Session, options: StoreOptions): Promise<number> {
  const { printer, args } = session;
  if (session.isServerGiven) {
    const why = "no daemon may run meanwhile; run the command on its machine, without --server";
    throw new CliFailure(`Cannot restore the store of a daemon: ${why}`, EXIT.usage);
  }
  const path = await findStorePath(session, options);
  const restored = await restoreAt(path, resolve(args[0] ?? ""), session.context.env);
  printer.document(restored, () => {
    printer.line(printer.safe(`restored ${path}  ${checkInWords(restored.check)}`));
    if (restored.aside !== undefined) {
      printer.line(printer.safe(`what was there before is ${restored.aside}`));
    }
  });
  printer.note(
    "Blocks can be read with the key of that time; deliveries that were due then are rung again",
  );
  printer.next("tocsin serve");
  return EXIT.ok;
}

async function restoreAt(path: string, backup: string, env: Context["env"]) {
  const [{ restoreStore }, { bootOf }, { systemRandom, uuidv7 }, { selfCommand }] =
    await Promise.all([
      import("../store/restore.ts"),
      import("../store/boot-store.ts"),
      import("../domain/ids.ts"),
      import("../self-command.ts"),
    ]);
  const { instant } = await import("../domain/instant.ts");
  const { VERSION } = await import("../version.ts");
  const now = instant(Date.now());
  const boot = bootOf(uuidv7(now, systemRandom) as Parameters<typeof bootOf>[0], VERSION, now);
  const order = { path, boot, self: selfCommand(), env };
  const { isServer } = await import("../store/store-place.ts");
  if (!isServer(path)) return await restoreStore(backup, order);
  const { restoreToServer } = await import("../store/restore-to-server.ts");
  return await restoreToServer(backup, order);
}
