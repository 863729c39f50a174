import type { Command } from "commander";
import type { Api } from "./client.ts";
import type { Send } from "./connect.ts";
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
  /** The same way, for requests that are not among the API's functions. */
  way(): Promise<Way>;
}

export interface Way {
  readonly send: Send;
  readonly server: string;
}

/** Makes a commander action of a function that answers the exit code (nothing means 0). */
export function perform<Options extends object>(
  context: Context,
  action: (session: Session, options: Options) => Promise<ExitCode | number | undefined>,
) {
  return async function performed(this: Command): Promise<void> {
    const globals = withTokenFile(this.optsWithGlobals<Globals>(), context);
    const isServerGiven = this.getOptionValueSourceWithGlobals("server") !== "default";
    const session: Session = {
      context,
      globals,
      printer: createPrinter(context, globals),
      args: this.args,
      isServerGiven,
      api: async () => await apiOver(await session.way()),
      way: async () => await wayOf(globals, { context, isServerGiven }),
    };
    context.exitCode = (await action(session, this.opts<Options>())) ?? 0;
  };
}

function withTokenFile(globals: Globals, { env }: Context): Globals {
  const named = env["TOCSIN_TOKEN_FILE"] ?? "";
  return globals.tokenFile !== undefined || named === ""
    ? globals
    : { ...globals, tokenFile: named };
}

interface Said {
  readonly context: Context;
  readonly isServerGiven: boolean;
}

/** Where nobody said where the daemon is: the one that works here, before the one at the usual address. */
async function wayOf(globals: Globals, { context, isServerGiven }: Said): Promise<Way> {
  const [{ connect }, { findServerNear }] = await Promise.all([
    import("./connect.ts"),
    import("./server-near.ts"),
  ]);
  const near = await findServerNear(context.env);
  const server = isServerGiven ? globals.server : (near?.url ?? globals.server);
  const own = near?.url === server ? { ownToken: near.token, pid: near.pid } : {};
  return { send: await connect({ ...globals, server, ...own }), server };
}

async function apiOver({ send, server }: Way): Promise<Api> {
  const client = await import("./client.ts");
  return client.apiOver(send, server);
}
