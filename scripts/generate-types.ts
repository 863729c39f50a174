import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writePage } from "./build-page.ts";
import { DECLARATIONS_PATH, declarationsOf } from "./declarations.ts";
import { REFERENCE_PATH, withReference } from "./http-reference.ts";
import { denoSettings, SHIPPED_HOOKS_PATH, shippedHooksModule } from "./shipped-hooks.ts";

const root = process.cwd();

await write(SHIPPED_HOOKS_PATH, shippedHooksModule(root));
await write("deno.json", denoSettings(root, await readFile("deno.json", "utf8")));
await write(DECLARATIONS_PATH, declarationsOf(root));
await write(REFERENCE_PATH, withReference(await readFile(REFERENCE_PATH, "utf8")));
// Only now: the command line holds what has been written above.
const { COMMAND_PAPER_PATH, commandPaper } = await import("./command-paper.ts");
await write(COMMAND_PAPER_PATH, commandPaper());
await writePage();

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  console.log(`Wrote ${path}`);
}
