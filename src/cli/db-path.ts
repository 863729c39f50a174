import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { findStorePath } from "./with-store.ts";

/** `tocsin db path` */
export function addDbPath(db: Command, context: Context): void {
  addStoreOptions(
    db.command("path").description("where the store is that a daemon started here would use"),
  ).action(
    perform<StoreOptions>(context, async (session, options) => {
      const path = session.isServerGiven
        ? (await (await session.api()).status()).store.path
        : await findStorePath(session, options);
      session.printer.document({ path }, () => session.printer.line(session.printer.safe(path)));
      return 0;
    }),
  );
}
