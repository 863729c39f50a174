import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { sizeInWords } from "./text.ts";
import { findStoreDoor } from "./with-store.ts";

/** `tocsin db vacuum` */
export function addDbVacuum(db: Command, context: Context): void {
  addStoreOptions(
    db
      .command("vacuum")
      .description("give the room that deleted rows left back to the disk; no daemon may run"),
  ).action(
    perform<StoreOptions>(context, async (session, options) => {
      const { client } = await findStoreDoor(session, options);
      const done = await client.vacuum();
      const { beforeBytes, afterBytes } = done;
      session.printer.document(done, () =>
        session.printer.line(`${sizeInWords(beforeBytes)} → ${sizeInWords(afterBytes)}`),
      );
      return 0;
    }),
  );
}
