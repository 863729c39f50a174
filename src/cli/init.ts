import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { makeFolderOf } from "./config-folder.ts";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";
import { perform, type Session } from "./session.ts";

/** `tocsin init` */
export function addInit(program: Command, context: Context): void {
  program
    .command("init")
    .description("write a config to begin with; files that are there are kept")
    .argument("[dir]", "where", ".")
    .action(perform(context, init));
}

async function init({ printer, args }: Session): Promise<number> {
  const directory = resolve(args[0] ?? ".");
  const { STARTING_FILES } = await import("./starting-files.ts");
  const results: { path: string; result: "written" | "kept" }[] = [];
  for (const [path, text] of Object.entries(STARTING_FILES)) {
    results.push({ path, result: await writeNew(join(directory, path), text) });
  }
  printer.document({ directory, files: results }, () => {
    for (const { path, result } of results) printer.line(`${result.padEnd(7)}  ${path}`);
  });
  const where = args[0] === undefined || args[0] === "." ? "" : `cd ${args[0]} && `;
  printer.note(`\nNow edit flows.config.ts, then:\n  ${where}tocsin check\n  ${where}tocsin serve`);
  return EXIT.ok;
}

async function writeNew(path: string, text: string): Promise<"written" | "kept"> {
  try {
    await makeFolderOf(path);
    await writeFile(path, text, { flag: "wx" });
    return "written";
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EEXIST") return "kept";
    const failure = new CliFailure(
      `Cannot write file "${path}": ${fileReason(cause)}`,
      EXIT.failed,
    );
    failure.cause = cause;
    throw failure;
  }
}
