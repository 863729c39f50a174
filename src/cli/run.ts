import { resolve } from "node:path";
import type { Command } from "commander";
import type { RunView } from "../domain/run-view.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { type Api, apiOver } from "./client.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, openLog, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { type FamilyWatch, followFamily } from "./follow-family.ts";
import { createLiveArea, type LiveArea } from "./live-area.ts";
import { canBeLive, showTasks } from "./live-tasks.ts";
import { collect, readParameters } from "./parameters.ts";
import { createPrinter } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { logLine, printRun, transitionLine } from "./show-run.ts";
import { findStoreHolder } from "./store-holder.ts";

interface RunOptions extends StoreOptions {
  readonly parameter: readonly string[];
  readonly params?: string;
}

const HOOKS_MAX_MS = 60_000;

/** `tocsin run` */
export function addRun(program: Command, context: Context): void {
  addStoreOptions(program.command("run").description("run a flow here and now, and show it"))
    .argument("<flow>", "name of the flow")
    .option("-p, --parameter <key=value>", "a parameter; the value may be JSON", collect, [])
    .option("--params <json>", "all parameters: a JSON object, or @file")
    .action(perform(context, run));
}

async function run(session: Session, options: RunOptions): Promise<number> {
  const parameters = await readParameters(options);
  const area = canBeLive(session) ? createLiveArea(session.context.stderr) : undefined;
  const speaking = area === undefined ? session : speakingAbove(session, area);
  const here = await openHere(speaking, options);
  try {
    const started = await here.api.trigger(session.args[0] ?? "", { parameters });
    return await followToEnd(speaking, here, { started, area });
  } finally {
    area?.end();
    await here.close();
  }
}

/** The same session, with everything that it says on standard error standing above what is live there. */
function speakingAbove(session: Session, { sink }: LiveArea): Session {
  const context = { ...session.context, stderr: sink };
  return { ...session, context, printer: createPrinter(context, session.globals) };
}

interface Here {
  readonly api: Api;
  /** Whether it ends with this command: then nobody can resume a run that pauses. */
  readonly isOwn: boolean;
  close(): Promise<void>;
}

/** A daemon of this process's own, without a port; or the running one, when that holds the store. */
async function openHere(session: Session, options: RunOptions): Promise<Here> {
  const configPath = resolve(options.config);
  try {
    return await openOwn(session, configPath, options);
  } catch (error) {
    if (!(error instanceof StartRefused) || error.exitCode === EXIT.configInvalid) throw error;
    const holder = await findStoreHolder(session, configPath, options);
    if (holder === undefined) throw error;
    session.printer.note(
      `The store is in use by the daemon at ${holder.url}: it runs the flow, with its config`,
    );
    return { api: holder.api, isOwn: false, close: async () => undefined };
  }
}

async function openOwn(session: Session, configPath: string, options: RunOptions): Promise<Here> {
  const [{ startDaemon }, { ownApp }] = await Promise.all([
    import("../daemon.ts"),
    import("./own-app.ts"),
  ]);
  const { context, globals } = session;
  const quiet = { ...globals, quiet: globals.verbose !== true };
  const daemon = await startDaemon({
    configPath,
    flags: { store: options.store },
    env: context.env,
    serve: false,
    watch: false,
    log: await openLog({ ...session, globals: quiet }),
  });
  const app = ownApp(daemon.api);
  return {
    api: apiOver(app, "http://localhost"),
    isOwn: true,
    close: () => daemon.stop("the run is over"),
  };
}

interface Following {
  readonly started: RunView;
  readonly area: LiveArea | undefined;
}

async function followToEnd(
  session: Session,
  { api, isOwn }: Here,
  { started, area }: Following,
): Promise<number> {
  const { printer } = session;
  const interrupted = cancelOnInterrupt(session, api, started);
  printer.note(`${started.name} (${started.id})`);
  const live = area && showTasks(session, api, { run: started.id, area });
  const watch: FamilyWatch = {
    onTransition: (transition, who) => {
      // Those of tasks and child runs are what is shown live.
      if (live === undefined || who === "") printer.note(transitionLine(printer, transition, who));
    },
    onLine: (line, who) => printer.note(logLine(printer, line, who)),
    until: ({ state }) => isOwn && state.type === "PAUSED",
  };
  const ended = await followFamily(api, { run: started }, watch).finally(() => live?.stop());
  await hooksAttempted(api, ended.id);
  interrupted.forget();
  printer.document(ended, () => printRun(printer, ended));
  if (interrupted.happened()) return EXIT.interrupted;
  if (ended.state.type === "PAUSED") sayHowToResume(session, ended);
  return ended.state.type === "COMPLETED" ? EXIT.ok : EXIT.failed;
}

function sayHowToResume({ printer }: Session, { name }: RunView): void {
  printer.note(
    `Run "${name}" is paused and stays so; with a daemon on this store (tocsin serve) it goes on after: tocsin runs resume ${name}`,
  );
}

/** Ctrl-C cancels the run and waits for that; the second time it ends this process. */
function cancelOnInterrupt({ printer }: Session, api: Api, { id, name }: RunView) {
  let happened = false;
  const interrupt = () => {
    if (happened) process.exit(EXIT.interrupted);
    happened = true;
    printer.note(`Cancels ${name}; once more to leave at once`);
    api.cancel(id).catch((error: unknown) => printer.failure(String(error)));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    happened: () => happened,
    forget: () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}

/** Waits until every hook of the run has been tried once. */
async function hooksAttempted(api: Api, run: string): Promise<void> {
  const until = Date.now() + HOOKS_MAX_MS;
  for (;;) {
    const { items } = await api.listDeliveries(run);
    const waiting = items.some(
      ({ status, attempts }) => status === "pending" && attempts.length === 0,
    );
    if (!waiting || Date.now() > until) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
