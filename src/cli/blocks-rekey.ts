import type { Command } from "commander";
import type { Rekeyed } from "../domain/blocks.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { readText } from "./parameters.ts";
import { perform } from "./session.ts";
import { withBlocks } from "./with-blocks.ts";

interface RekeyOptions extends StoreOptions {
  readonly newKeyFile?: string;
}

/** `tocsin blocks rekey` */
export function addBlocksRekey(blocks: Command, context: Context): void {
  addStoreOptions(blocks.command("rekey").description("encrypt all blocks with a new key"))
    .option(
      "--new-key-file <file>",
      "the new key, or - for standard input; needed where the key comes from TOCSIN_KEY or a credential",
    )
    .action(
      perform<RekeyOptions>(context, async (session, options) => {
        const { newKeyFile } = options;
        const key = newKeyFile === undefined ? undefined : await keyFrom(newKeyFile, context);
        return await withBlocks(session, options, async (api) => {
          const rekeyed = await api.rekeyBlocks(key);
          session.printer.document(rekeyed, () => session.printer.note(told(rekeyed)));
        });
      }),
    );
}

async function keyFrom(file: string, context: Context): Promise<string> {
  return (file === "-" ? await context.readStdin() : await readText(file)).trim();
}

function told({ blocks, source, place }: Rekeyed): string {
  const done = `Encrypted ${blocks} ${blocks === 1 ? "block" : "blocks"} with a new key`;
  return source === "file"
    ? `${done}, which is in ${place}: keep a copy of it apart from copies of the store`
    : `${done}. Put it in ${place} before the next start, which is refused with the old one`;
}
