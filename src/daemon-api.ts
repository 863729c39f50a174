import { statSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { Front } from "./daemon-front.ts";
import type { Blocks } from "./domain/blocks.ts";
import type { Generation } from "./domain/flow.ts";
import type { BootId } from "./domain/ids.ts";
import { type Clock, type Instant, isoOf } from "./domain/instant.ts";
import type { Redactor } from "./domain/redaction.ts";
import type { ConfigKeeper } from "./engine/config-keeper.ts";
import type { Engine } from "./engine/engine.ts";
import { hookRecordsOf, hookTroubles } from "./hook-health.ts";
import type { ApiDeps, StatusView } from "./http/api-deps.ts";
import { upcomingViews } from "./http/upcoming-view.ts";
import type { Log } from "./log.ts";
import type { LoopLag } from "./loop-lag.ts";
import { readinessOf } from "./readiness.ts";
import { selfCommand } from "./self-command.ts";
import { historyOf } from "./store/history-of.ts";
import type { Store } from "./store/open-store.ts";
import { createStoreCare, dropTemporaryCopies } from "./store/store-care.ts";
import { VERSION } from "./version.ts";

/** All that the API tells of. */
export interface ApiParts extends Pick<Front, "access" | "feed" | "metrics"> {
  readonly settings: Pick<Settings, "hosts">;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: Instant;
  readonly loopLag: LoopLag;
  readonly bootId: BootId;
  /** Where people reach the daemon. */
  readonly url: string;
  readonly config: ConfigKeeper;
  readonly engine: Engine;
  readonly blocks: Blocks;
  readonly redactor: Redactor;
  readonly tryHook: NonNullable<ApiDeps["tryHook"]>;
  readonly isDraining: () => boolean;
}

/** The API's view of a running daemon. */
export function apiOf(parts: ApiParts): ApiDeps {
  const { store, engine, config, clock, blocks, redactor, log } = parts;
  const history = historyOf(store.reader, store.tally);
  dropTemporaryCopies(store.path);
  const open = () => ({ store, close: () => undefined });
  const care = createStoreCare({ path: store.path, self: selfCommand(), open });
  return {
    storeCare: { ...care, stats: async () => ({ ...(await care.stats()), path: store.place }) },
    history,
    hookRecords: () => hookRecordsOf(history, parts),
    commands: { ...engine.commands, reload: config.reload },
    blocks,
    redactor,
    tryHook: parts.tryHook,
    clock,
    log,
    hosts: hostsOf(parts),
    access: parts.access,
    feed: parts.feed,
    metrics: () => metricsText(parts),
    generation: config.newest,
    status: () => statusOf(parts),
    readiness: () => readinessOf({ ...parts, engine, config }),
    schedules: engine.schedules,
    upcoming: (flows, query) =>
      upcomingViews(flows.map(engine.schedules.withPauses), query, clock()),
  };
}

function hostsOf({ url, settings: { hosts } }: ApiParts): readonly string[] {
  if (!URL.canParse(url)) return hosts;
  const { hostname, host } = new URL(url);
  return [hostname, host, ...hosts];
}

async function metricsText({
  store,
  clock,
  startedAt,
  engine,
  config,
  ...parts
}: ApiParts): Promise<string> {
  const { feed, access, metrics } = parts;
  return await metrics.text({
    ...{ store, clock, startedAt, version: VERSION },
    generation: config.newest,
    isConfigAccepted: () => config.lastProblems() === undefined,
    threads: () => engine.executor.health(),
    nextDueAt: engine.nextDueAt,
    hooksDown: () => engine.lanes().filter(({ down }) => down !== undefined).length,
    eventClients: () => feed.clients,
    wrongTokens: access.failed.count,
  });
}

async function statusOf({
  store,
  engine,
  config,
  clock,
  startedAt,
  bootId,
  loopLag,
}: ApiParts): Promise<StatusView> {
  await store.tally.ready(store.reader);
  const newest: Generation = config.newest();
  const problems = config.lastProblems();
  const nextDueAt = engine.nextDueAt();
  const size = sizeOf(store.path);
  const troubles = hookTroubles({ store, engine });
  const pausedFlows = [...new Set(engine.schedules.pauses().map(({ flow }) => flow))];
  return {
    version: VERSION,
    bootId,
    startedAt: isoOf(startedAt),
    uptimeMs: clock() - startedAt,
    loopLagMs: loopLag.longestMs(),
    ...store.tally.read(store.reader),
    ...(troubles.length === 0 ? {} : { troubledHooks: troubles }),
    threads: engine.executor.health(),
    ...(nextDueAt === undefined ? {} : { nextDueAt: isoOf(nextDueAt) }),
    ...(pausedFlows.length === 0 ? {} : { pausedFlows }),
    config: {
      generation: newest.number,
      acceptedAt: isoOf(newest.acceptedAt),
      ...(problems === undefined ? {} : { lastReloadProblems: problems }),
    },
    store: { path: store.place, ...(size === undefined ? {} : { sizeBytes: size }) },
  };
}

/** Of the store's file, and of what was written and is not in it yet. */
function sizeOf(path: string): number | undefined {
  const [file, log] = [path, `${path}-wal`].map((one) => statSync(one, { throwIfNoEntry: false }));
  return file === undefined ? undefined : file.size + (log?.size ?? 0);
}
