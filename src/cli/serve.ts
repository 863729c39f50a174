import { resolve } from "node:path";
import type { Command } from "commander";
import type { Daemon } from "../daemon.ts";
import type { Log } from "../log.ts";
import type { Life, ServiceManager } from "../service-manager.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, openLog, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { listenAddress } from "./listen-address.ts";
import { perform, type Session } from "./session.ts";

export interface ServeOptions extends StoreOptions {
  readonly listen?: string;
  readonly watch: boolean;
}

/** `tocsin serve` */
export function addServe(program: Command, context: Context): void {
  addStoreOptions(program.command("serve").description("run the daemon, in the foreground"))
    .option(
      "--listen <address>",
      "where the HTTP API listens (default: 127.0.0.1:8627, env: TOCSIN_LISTEN)",
      listenAddress,
    )
    .option("--no-watch", "do not read the config again when it changes")
    .action(perform(context, serve));
}

async function serve(session: Session, options: ServeOptions): Promise<number> {
  return await runDaemon(session, { ...options, log: await openLog(session) });
}

export interface DaemonRun extends ServeOptions {
  readonly log: Log;
  /** Told where it listens. */
  readonly onStarted?: (url: string) => void;
}

/** Runs the daemon until it is told to stop; answers the exit code. */
export async function runDaemon(session: Session, options: DaemonRun): Promise<number> {
  const { log } = options;
  const [{ startDaemon }, { joinServiceManager }] = await Promise.all([
    import("../daemon.ts"),
    import("../service-manager.ts"),
  ]);
  const service = await joinServiceManager(process.env);
  const signals = listenToSignals(log, service);
  const configPath = resolve(options.config);
  const daemon = await startDaemon({
    configPath,
    flags: { listen: options.listen, store: options.store },
    env: session.context.env,
    serve: true,
    watch: options.watch,
    log,
  });
  signals.handTo(daemon);
  await service.started(lifeOf(daemon));
  await sayStarted(daemon, log).catch((error: unknown) => {
    log.debug("Stopped before its start could be told of", { error });
  });
  options.onStarted?.(daemon.url);
  await refreshDeclarations(configPath, log);
  return await daemon.done;
}

async function sayStarted({ api, url }: Daemon, log: Log): Promise<void> {
  const flows = api.generation().manifest.flows.length;
  const { nextDueAt } = await api.status();
  const due = nextDueAt === undefined ? "nothing due" : `next due ${nextDueAt}`;
  log.info(`tocsin ${VERSION} listens on ${url} · ${countOf(flows, "flow")} · ${due}`);
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function lifeOf({ api }: Daemon): Life {
  return {
    async status() {
      const { runs, nextDueAt } = await api.status();
      const due = nextDueAt === undefined ? "nothing due" : `next due ${nextDueAt}`;
      const flows = api.generation().manifest.flows.length;
      const { checks } = await api.readiness();
      const wrong = checks.filter(({ state }) => state !== "ok").map(({ name }) => name);
      const look = wrong.length === 0 ? "" : `; look at ${wrong.join(", ")}: tocsin status`;
      return `${countOf(flows, "flow")}, ${countOf(runs.RUNNING ?? 0, "run")} going on, ${due}${look}`;
    },
    // A full disk or a stop is no reason to be restarted; schedules that nobody looks at are.
    async isAlive() {
      const { checks } = await api.readiness();
      return !checks.some(({ name, state }) => name === "tick" && state === "failed");
    },
  };
}

/** After the start, which it must not hold up: an editor wants the declarations of this version. */
async function refreshDeclarations(configPath: string, log: Log): Promise<void> {
  try {
    const { refreshTypes } = await import("./config-types.ts");
    await refreshTypes(configPath);
  } catch (error) {
    log.debug('Cannot write the declarations of "tocsin" beside the config', { error });
  }
}

const EXIT_OF = { SIGINT: 130, SIGTERM: 143 } as const;

/** Stops on the first SIGINT or SIGTERM, skips the wait on the second, leaves at once on the third. */
function listenToSignals(log: Log, service: ServiceManager): { handTo(daemon: Daemon): void } {
  let daemon: Daemon | undefined;
  let times = 0;
  const stop = (signal: keyof typeof EXIT_OF) => {
    times += 1;
    if (times > 2 || daemon === undefined) process.exit(EXIT_OF[signal]);
    service.stopping();
    log.info(times === 1 ? `stops on ${signal}; a second signal skips the wait` : "skips the wait");
    daemon.stop(signal).catch((error: unknown) => {
      log.error("Cannot stop in good order", { error });
      process.exit(EXIT.failed);
    });
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGHUP", () => {
    if (daemon !== undefined && times === 0) void reload(daemon, log, service);
  });
  return {
    handTo: (started) => {
      daemon = started;
    },
  };
}

async function reload(daemon: Daemon, log: Log, service: ServiceManager): Promise<void> {
  service.reloading();
  try {
    // What comes of it is logged where it is decided.
    await daemon.reload();
  } catch (error) {
    log.error("Cannot read the config again", { error });
  } finally {
    service.reloaded();
  }
}
