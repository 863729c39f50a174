import type { Command } from "commander";
import { BLOCK_TYPES, checkBlock } from "../domain/blocks.ts";
import type { Json } from "../domain/json.ts";
import { blockReference } from "./block-reference.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { readText } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { withBlocks } from "./with-blocks.ts";

interface SetOptions extends StoreOptions {
  readonly overwrite?: boolean;
}

/** `tocsin blocks set`: the value never stands on the command line, where others see it and the shell keeps it. */
export function addBlocksSet(blocks: Command, context: Context): void {
  addStoreOptions(blocks.command("set"))
    .description("save a block; its value comes from standard input, or from @file")
    .argument("<type/name>", `types: ${BLOCK_TYPES.join(", ")}, and those of the config`)
    .argument("[@file]", "a file that holds the value")
    .option("--overwrite", "replace a block that is there already")
    .addHelpText("after", "\nExample: tocsin blocks set slack-webhook/on-call < webhook.txt")
    .action(perform(context, setBlock));
}

async function setBlock(session: Session, options: SetOptions): Promise<number> {
  const { type, name } = blockReference(session.args[0]);
  const value = valueIn(type, await textFor(session, session.args[1]));
  const wrong = isBuiltIn(type) ? checkBlock({ type, name, value }) : undefined;
  if (wrong !== undefined) {
    throw new CliFailure(`Cannot save block "${type}/${name}": ${wrong}`, EXIT.usage);
  }
  return await withBlocks(session, options, async (api) => {
    await api.saveBlock({ type, name, value, overwrite: options.overwrite === true });
    session.printer.document({ type, name, result: "saved" }, () => undefined);
    session.printer.note(`Saved ${type}/${name}`);
  });
}

/** Other types are the config's: the daemon knows them. */
function isBuiltIn(type: string): boolean {
  return BLOCK_TYPES.some((known) => known === type);
}

async function textFor({ context, globals, printer }: Session, from: string | undefined) {
  if (from === undefined || from === "-") {
    if (context.stdinIsTTY && !globals.input) {
      throw new CliFailure("Cannot read the value: standard input is a terminal", EXIT.usage);
    }
    if (context.stdinIsTTY) printer.note("Type the value, then Ctrl-D:");
    return await context.readStdin();
  }
  if (from.startsWith("@")) return await readText(from.slice(1));
  throw new CliFailure(
    "Cannot take the value from the command line: give it on standard input, or as @file",
    EXIT.usage,
  );
}

/** The trailing line feed that editors and `echo` add is not part of the value. */
function valueIn(type: string, text: string): Json {
  const cut = text.replace(/\r?\n$/, "");
  const isJson = type === "json" || /^\s*[{[]/.test(cut);
  if (!isJson || type === "string" || type === "secret") return cut;
  try {
    return JSON.parse(cut);
  } catch (cause) {
    const failure = new CliFailure("Cannot read the value: it is not JSON", EXIT.usage);
    failure.cause = cause;
    throw failure;
  }
}
