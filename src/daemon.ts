import type { Settings } from "../config/settings.ts";
import { apiOf } from "./daemon-api.ts";
import { type DaemonOptions, readAgain, requireConfig, requireSettings } from "./daemon-config.ts";
import { openFront, tellingReloads } from "./daemon-front.ts";
import type { Blocks } from "./domain/blocks.ts";
import type { Ringer } from "./domain/delivery.ts";
import { type BootId, systemRandom, uuidv7 } from "./domain/ids.ts";
import { type Clock, type Instant, instant } from "./domain/instant.ts";
import { createRedactor, type Redactor } from "./domain/redaction.ts";
import type { ReloadAnswer } from "./engine/commands.ts";
import {
  type AcceptedConfig,
  type ConfigKeeper,
  createConfigKeeper,
} from "./engine/config-keeper.ts";
import { type Engine, startEngine } from "./engine/engine.ts";
import { isolationsIn, routeExecutors } from "./engine/executors.ts";
import { hookTrials } from "./hook-trials.ts";
import type { ApiDeps } from "./http/api-deps.ts";
import { createApp } from "./http/app.ts";
import { type Answering, serveHttp } from "./http/server.ts";
import type { Log } from "./log.ts";
import { watchLoopLag } from "./loop-lag.ts";
import { redactingLedger, redactingLog, redactingRinger } from "./redact-entry.ts";
import { selfCommand } from "./self-command.ts";
import { shutDown } from "./shutdown.ts";
import { openBlocks } from "./store/block-store.ts";
import { bootOf } from "./store/boot-store.ts";
import { historyOf } from "./store/history-of.ts";
import type { Store } from "./store/open-store.ts";
import { openStoreAt } from "./store/open-store-at.ts";
import type { Trouble } from "./store/troubles.ts";
import { answerThreadRequest } from "./thread-requests.ts";
import { checkBlockValue } from "./threads/check-block.ts";
import { createRinger } from "./threads/hook-threads.ts";
import { createThreadExecutor } from "./threads/pool.ts";
import type { AnswerRequest } from "./threads/pool-state.ts";
import { createProcessExecutor } from "./threads/process-executor.ts";
import { VERSION } from "./version.ts";
import { watchConfig } from "./watch-config.ts";

/** A daemon that runs in this process. */
export interface Daemon {
  /** Where its API listens; empty when it does not. */
  readonly url: string;
  readonly api: ApiDeps;
  reload(): Promise<ReloadAnswer>;
  /** Stops in good order. Asked a second time, it waits for nothing any more. */
  stop(reason: string): Promise<void>;
  /** The exit code, once it has stopped. */
  readonly done: Promise<number>;
}

/** Opens, wires and starts everything. Throws StartRefused for what the person who starts it can mend. */
export async function startDaemon(given: DaemonOptions): Promise<Daemon> {
  const redactor = createRedactor();
  const options = { ...given, log: redactingLog(given.log, redactor) };
  const clock: Clock = () => instant(Date.now());
  const startedAt = clock();
  const accepted = await requireConfig(options);
  const settings = requireSettings(options, accepted.manifest);
  const bootId = uuidv7(startedAt, systemRandom) as BootId;
  const boot = bootOf(bootId, VERSION, startedAt);
  const store = await openStoreAt(settings.store, {
    ...{ boot, self: selfCommand(), env: options.env },
    onTrouble: (trouble) => sayTrouble(options.log, trouble),
    onToken: (token) => redactor.learn("TOCSIN_STORE_TOKEN", token),
    onNote: (note) => options.log.info(note),
    onLost: (error) => leaveAtOnce(options.log, error),
  });
  try {
    return await startOver({
      ...{ options, settings, store, clock, startedAt, bootId, accepted, redactor },
    });
  } catch (error) {
    await store.close(clock());
    throw error;
  }
}

interface Started {
  readonly options: DaemonOptions;
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly startedAt: Instant;
  readonly bootId: BootId;
  readonly accepted: AcceptedConfig;
  /** Knows the values of all secret blocks: whatever is kept or shown passes it. */
  readonly redactor: Redactor;
}

async function startOver(started: Started): Promise<Daemon> {
  const { options, settings, store, clock, accepted } = started;
  const { log, configPath } = options;
  // The config keeper tells the engine of new configs, and the engine needs the first one to start.
  const later: { work?: Work } = {};
  const keeper = createConfigKeeper(
    {
      configPath,
      clock,
      log,
      read: () => readAgain(options, settings),
      onAccepted: (generation) => later.work?.engine.useGeneration(generation),
    },
    accepted,
  );
  const front = openFront(started);
  const config = tellingReloads(keeper, front.feed);
  const loopLag = watchLoopLag();
  const life = { draining: false, hurried: false };
  const door = frontDoor();
  const hasTokens = front.access.tokens.any();
  const server = options.serve ? await serveHttp(door, settings.listen, { hasTokens }) : undefined;
  if (server !== undefined) store.describeHolder({ url: server.url, token: front.ownToken });
  const url = settings.publicUrl ?? server?.url ?? "";
  const work = await startWork({ ...started, config, publicUrl: () => url }).catch(
    async (error: unknown) => {
      await server?.stop();
      throw error;
    },
  );
  later.work = work;
  const isDraining = () => life.draining;
  const api = apiOf({ ...started, ...work, ...front, log, config, url, isDraining, loopLag });
  door.open(createApp(api));
  const watch = options.watch
    ? watchConfig(configPath, log, () => void config.reload("seen"))
    : undefined;
  const ended = Promise.withResolvers<number>();
  const stopOnce = once(async () => {
    watch?.stop();
    await shutDown({ ...settings, ...work, log, isHurried: () => life.hurried });
    front.feed.stop();
    await server?.stop();
    await store.close(clock());
    ended.resolve(0);
  });
  const stop = () => {
    life.hurried = life.draining;
    life.draining = true;
    return stopOnce();
  };
  return { url: server?.url ?? "", api, reload: config.reload, stop, done: ended.promise };
}

/** Takes the port before the work begins, so that one in use is found before anything has happened. */
function frontDoor(): Answering & { open(app: Answering): void } {
  let inside: Answering = {
    fetch: () => new Response("the daemon is starting\n", { status: 503 }),
  };
  return {
    open: (app) => {
      inside = app;
    },
    fetch: (request, from) => inside.fetch(request, from),
  };
}

interface Work {
  readonly engine: Engine;
  readonly ringer: Ringer;
  readonly blocks: Blocks;
  readonly tryHook: NonNullable<ApiDeps["tryHook"]>;
}

/** Starts the engine with its executor and ringer. */
async function startWork({
  options: { log, env, serve },
  settings,
  store,
  clock,
  config,
  publicUrl,
  redactor,
}: Started & { readonly config: ConfigKeeper; readonly publicUrl: () => string }): Promise<Work> {
  const blocks = await openBlocks({
    ...{ store, clock, redactor, storePath: store.path },
    environment: env["TOCSIN_KEY"],
    credentialsDirectory: env["CREDENTIALS_DIRECTORY"],
    declared: () => config.newest().manifest.blockTypes,
    check: (block) => checkBlockValue(config.newest(), block),
  });
  const ready = Promise.withResolvers<Engine>();
  const history = historyOf(store.reader);
  const parts = { blocks, store, history, clock, engine: () => ready.promise };
  const answerRequest: AnswerRequest = (request, origin) =>
    answerThreadRequest(parts, request, origin);
  const threads = { clock, log, newest: config.newest, answerRequest };
  const ringer = redactingRinger(
    createRinger({ ...threads, threadsMax: settings.hookThreads }),
    redactor,
  );
  const { threads: threadsMax, processes: processesMax, logLinesMax, resultBytesMax } = settings;
  const isolations = isolationsIn(config.newest, log);
  const engine = await startEngine({
    store,
    clock,
    log,
    ringer,
    publicUrl,
    onlyAsked: !serve,
    random: systemRandom,
    generation: config.newest(),
    limits: settings,
    executorOf: (plain, onRoom) => {
      const ledger = redactingLedger(plain, redactor);
      const shared = { ...threads, logLinesMax, resultBytesMax, ledger, onRoom };
      return routeExecutors(
        createThreadExecutor({ ...shared, threadsMax, onStuck: isolations.stuck }),
        createProcessExecutor({ ...shared, processesMax, self: selfCommand() }),
        isolations.of,
      );
    },
  });
  ready.resolve(engine);
  return { engine, ringer, blocks, tryHook: hookTrials({ ...threads, store, publicUrl }) };
}

/** Somebody else has the store and goes on with its runs: nothing that runs here counts any more. */
function leaveAtOnce(log: Log, error: Error): void {
  log.error(error.message);
  process.exit(1);
}

function sayTrouble(log: Log, trouble: Trouble | undefined): void {
  if (trouble === undefined) log.info("The store can be written again");
  else log.error(`Cannot save anything: ${trouble.error.message}; it is kept and tried again`);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | undefined;
  return () => {
    under ??= action();
    return under;
  };
}
