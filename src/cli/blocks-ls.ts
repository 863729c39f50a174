import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin blocks ls` */
export function addBlocksLs(blocks: Command, context: Context): void {
  blocks
    .command("ls")
    .description("list blocks, without their values")
    .action(
      perform(context, async ({ api, printer }) => {
        const page = await (await api()).listBlocks();
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
        return 0;
      }),
    );
}
