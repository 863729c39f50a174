import type { Command } from "commander";
import { blockReference } from "./block-reference.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { withBlocks } from "./with-blocks.ts";

/** `tocsin blocks rm` */
export function addBlocksRm(blocks: Command, context: Context): void {
  addStoreOptions(blocks.command("rm").description("delete a block"))
    .argument("<type/name>")
    .action(
      perform<StoreOptions>(context, async (session, options) => {
        const { type, name } = blockReference(session.args[0]);
        return await withBlocks(session, options, async (api) => {
          await api.deleteBlock(type, name);
          session.printer.document({ type, name, result: "deleted" }, () => undefined);
          session.printer.note(`Deleted ${type}/${name}`);
        });
      }),
    );
}
