import type { Command } from "commander";
import type { Api } from "./client.ts";
import type { Context } from "./context.ts";
import type { ExitCode } from "./failure.ts";
import type { Globals } from "./globals.ts";
import { createPrinter, type Printer } from "./printer.ts";

/** What one command works with. */
export interface Session {
  readonly context: Context;
  readonly globals: Globals;
  readonly printer: Printer;
  /** Positional arguments. */
  readonly args: readonly string[];
  /** Whether it was said where the daemon is. */
  readonly isServerGiven: boolean;
  /** The daemon's API, over whatever way there is to it. */
  api(): Promise<Api>;
}

/** Makes a commander action of a function that answers the exit code (nothing means 0). */
export function perform<Options extends object>(
  context: Context,
  action: (session: Session, options: Options) => Promise<ExitCode | number | undefined>,
) {
  return async function performed(this: Command): Promise<void> {
    const globals = this.optsWithGlobals<Globals>();
    const isServerGiven = this.getOptionValueSourceWithGlobals("server") !== "default";
    const session: Session = {
      context,
      globals,
      printer: createPrinter(context, globals),
      args: this.args,
      isServerGiven,
      api: async () => await apiOf(isServerGiven ? globals : await nearby(globals, context)),
    };
    context.exitCode = (await action(session, this.opts<Options>())) ?? 0;
  };
}

/** Nobody said where the daemon is: the one that works here, before the one at the usual address. */
async function nearby(globals: Globals, { env }: Context): Promise<Globals> {
  const { findServerNear } = await import("./server-near.ts");
  const server = await findServerNear(env);
  return server === undefined ? globals : { ...globals, server };
}

async function apiOf(globals: Globals): Promise<Api> {
  const [{ connect }, { apiOver }] = await Promise.all([
    import("./connect.ts"),
    import("./client.ts"),
  ]);
  return apiOver(await connect(globals), globals.server);
}
