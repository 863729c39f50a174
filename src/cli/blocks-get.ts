import type { Command } from "commander";
import { blockReference } from "./block-reference.ts";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin blocks get` */
export function addBlocksGet(blocks: Command, context: Context): void {
  blocks
    .command("get")
    .description("print a block's value; those of secret types are never shown")
    .argument("<type/name>")
    .action(
      perform(context, async ({ api, printer, args }) => {
        const { type, name } = blockReference(args[0]);
        const block = await (await api()).findBlock(type, name);
        printer.document(block, () => {
          const { value, secret } = block;
          if (secret) printer.note(`The value of ${type}/${name} is secret and is not shown`);
          else
            printer.line(
              typeof value === "string" ? printer.safeLines(value) : JSON.stringify(value),
            );
        });
        return 0;
      }),
    );
}
