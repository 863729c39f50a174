import type { Command } from "commander";
import { blockReference } from "./block-reference.ts";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin blocks rm` */
export function addBlocksRm(blocks: Command, context: Context): void {
  blocks
    .command("rm")
    .description("delete a block")
    .argument("<type/name>")
    .action(
      perform(context, async ({ api, printer, args }) => {
        const { type, name } = blockReference(args[0]);
        await (await api()).deleteBlock(type, name);
        printer.note(`Deleted ${type}/${name}`);
        return 0;
      }),
    );
}
