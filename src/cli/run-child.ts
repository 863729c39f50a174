import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin __run-child`: the daemon's child that executes one attempt of a flow with `isolation: "process"`. */
export function addRunChild(program: Command, context: Context): void {
  program.command("__run-child", { hidden: true }).action(
    perform(context, async () => {
      const { serveAttempt } = await import("../threads/process-child.ts");
      return await serveAttempt();
    }),
  );
}
