import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addHooksDeliveries } from "./hooks-deliveries.ts";
import { addHooksLs } from "./hooks-ls.ts";
import { addHooksRedeliver } from "./hooks-redeliver.ts";
import { addHooksTest } from "./hooks-test.ts";

/** `tocsin hooks …` */
export function addHooksGroup(program: Command, context: Context): void {
  const hooks = program
    .command("hooks")
    .description("list and try hooks, look at deliveries, ring them again");
  addHooksLs(hooks, context);
  addHooksTest(hooks, context);
  addHooksDeliveries(hooks, context);
  addHooksRedeliver(hooks, context);
}
