import type { Command } from "commander";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin version` */
export function addVersion(program: Command, context: Context): void {
  program
    .command("version")
    .description("print the version")
    .action(
      perform(context, async ({ printer }) => {
        const runtime = `${runtimeName()} on ${process.platform}-${process.arch}`;
        printer.document({ version: VERSION, runtime }, () => printer.line(`tocsin ${VERSION}`));
        return 0;
      }),
    );
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) return `bun ${bun}`;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}
