import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin __store-care`: the child process that copies, checks, counts or vacuums a store. */
export function addStoreCare(program: Command, context: Context): void {
  program
    .command("__store-care", { hidden: true })
    .argument("<work>")
    .argument("<path>")
    .argument("[target]")
    .action(
      perform(context, async ({ args: [work = "", path = "", target = ""], printer }) => {
        const { careHere } = await import("../store/care-child.ts");
        printer.line(careHere(work, path, target));
        return 0;
      }),
    );
}
