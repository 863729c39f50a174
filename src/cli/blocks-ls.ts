import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { withBlocks } from "./with-blocks.ts";

/** `tocsin blocks ls` */
export function addBlocksLs(blocks: Command, context: Context): void {
  addStoreOptions(blocks.command("ls").description("list blocks, without their values")).action(
    perform<StoreOptions>(context, (session, options) =>
      withBlocks(session, options, async (api) => {
        const { printer } = session;
        const page = await api.listBlocks();
        printer.list(page, () => ({
          head: ["BLOCK", "UPDATED"],
          rows: page.items.map(({ type, name, updatedAt }) => [
            `${type}/${name}`,
            printer.time(updatedAt),
          ]),
        }));
        if (page.items.length === 0) {
          printer.note("There are no blocks; save one with: tocsin blocks set TYPE/NAME");
        }
      }),
    ),
  );
}
