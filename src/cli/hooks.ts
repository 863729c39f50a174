import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addHooksTest } from "./hooks-test.ts";

/** `tocsin hooks …` */
export function addHooksGroup(program: Command, context: Context): void {
  const hooks = program.command("hooks").description("try hooks");
  addHooksTest(hooks, context);
}
