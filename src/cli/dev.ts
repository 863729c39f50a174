import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, openLog } from "./daemon-options.ts";
import { listenAddress } from "./listen-address.ts";
import { runDaemon, type ServeOptions } from "./serve.ts";
import { perform, type Session } from "./session.ts";

/** `tocsin dev`: the daemon for whoever writes the config. */
export function addDev(program: Command, context: Context): void {
  addStoreOptions(
    program
      .command("dev")
      .description("run the daemon while you write the config: it is read again at each change"),
  )
    .option(
      "--listen <address>",
      "where the HTTP API and the page are (default: 127.0.0.1:8627, env: TOCSIN_LISTEN)",
      listenAddress,
    )
    .action(perform(context, dev));
}

async function dev(session: Session, options: Omit<ServeOptions, "watch">): Promise<number> {
  const { printer } = session;
  return await runDaemon(session, {
    ...options,
    watch: true,
    log: await openLog(session, "pretty"),
    onStarted(url) {
      printer.document({ page: `${url}/` }, () => printer.line(`${url}/`));
      printer.note(
        "The page is there; Ctrl-C ends the daemon, and each change of the config is taken up",
      );
      printer.next("tocsin flows ls, in another terminal");
    },
  });
}
