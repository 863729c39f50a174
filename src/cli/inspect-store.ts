import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin __inspect-store`: the daemon's throw-away child that looks at a file before the daemon opens it. */
export function addInspectStore(program: Command, context: Context): void {
  program
    .command("__inspect-store", { hidden: true })
    .argument("<path>")
    .argument("<bytes>")
    .action(
      perform(context, async ({ args: [path = "", bytes], printer }) => {
        const { inspectStore } = await import("../store/inspect-store.ts");
        printer.line(JSON.stringify(inspectStore(path, Number(bytes))));
        return 0;
      }),
    );
}
