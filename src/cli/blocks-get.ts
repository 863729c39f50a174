import type { Command } from "commander";
import { blockReference } from "./block-reference.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { withBlocks } from "./with-blocks.ts";

/** `tocsin blocks get` */
export function addBlocksGet(blocks: Command, context: Context): void {
  addStoreOptions(blocks.command("get"))
    .description("print a block's value; those of secret types are never shown")
    .argument("<type/name>")
    .action(
      perform<StoreOptions>(context, async (session, options) => {
        const { printer } = session;
        const { type, name } = blockReference(session.args[0]);
        return await withBlocks(session, options, async (api) => {
          const block = await api.findBlock(type, name);
          printer.document(block, () => {
            const { value, secret } = block;
            if (secret) printer.note(`The value of ${type}/${name} is secret and is not shown`);
            else
              printer.line(
                typeof value === "string" ? printer.safeLines(value) : JSON.stringify(value),
              );
          });
        });
      }),
    );
}
