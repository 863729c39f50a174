import { statSync } from "node:fs";
import type { Blocks } from "./domain/blocks.ts";
import type { Generation } from "./domain/flow.ts";
import type { BootId } from "./domain/ids.ts";
import { type Clock, type Instant, instant, isoOf } from "./domain/instant.ts";
import type { Redactor } from "./domain/redaction.ts";
import type { ConfigKeeper } from "./engine/config-keeper.ts";
import type { Engine } from "./engine/engine.ts";
import { hookRecordsOf, hookTroubles } from "./hook-health.ts";
import type { ApiDeps, StatusView } from "./http/api-deps.ts";
import type { Log } from "./log.ts";
import { readinessOf } from "./readiness.ts";
import { duesBetween } from "./schedule/due-times.ts";
import { historyOf } from "./store/history-of.ts";
import type { Store } from "./store/open-store.ts";
import { VERSION } from "./version.ts";

/** The last instant that a Date can hold (ECMA-262, "Time Values and Time Range"). */
const LAST_INSTANT = 8.64e15;

/** All that the API tells of. */
export interface ApiParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: Instant;
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
  return {
    history,
    hookRecords: () => hookRecordsOf(history, parts),
    commands: { ...engine.commands, reload: config.reload },
    blocks,
    redactor,
    tryHook: parts.tryHook,
    clock,
    log,
    hosts: URL.canParse(parts.url) ? [new URL(parts.url).hostname] : [],
    generation: config.newest,
    status: () => statusOf(parts),
    readiness: async () => readinessOf({ ...parts, engine, config }),
    upcoming: (flow, { n, from = clock(), to }) =>
      flow.schedules
        .filter(({ paused }) => !paused)
        .flatMap(({ key, timing, until }) => {
          const end = Math.min(to ?? LAST_INSTANT, until ?? LAST_INSTANT);
          return duesBetween(timing, { after: from, until: instant(end), max: n }).map((due) => ({
            due,
            key,
          }));
        })
        .sort((a, b) => a.due - b.due)
        .slice(0, n)
        .map(({ due, key }) => ({ dueAt: isoOf(due), schedule: key })),
  };
}

async function statusOf({
  store,
  engine,
  config,
  clock,
  startedAt,
  bootId,
}: ApiParts): Promise<StatusView> {
  const newest: Generation = config.newest();
  const problems = config.lastProblems();
  const nextDueAt = engine.nextDueAt();
  const size = sizeOf(store.path);
  const troubles = hookTroubles({ store, engine });
  return {
    version: VERSION,
    bootId,
    startedAt: isoOf(startedAt),
    uptimeMs: clock() - startedAt,
    ...store.tally.read(store.reader),
    ...(troubles.length === 0 ? {} : { troubledHooks: troubles }),
    threads: engine.executor.health(),
    ...(nextDueAt === undefined ? {} : { nextDueAt: isoOf(nextDueAt) }),
    config: {
      generation: newest.number,
      acceptedAt: isoOf(newest.acceptedAt),
      ...(problems === undefined ? {} : { lastReloadProblems: problems }),
    },
    store: { path: store.path, ...(size === undefined ? {} : { sizeBytes: size }) },
  };
}

/** Of the store's file, and of what was written and is not in it yet. */
function sizeOf(path: string): number | undefined {
  const [file, log] = [path, `${path}-wal`].map((one) => statSync(one, { throwIfNoEntry: false }));
  return file === undefined ? undefined : file.size + (log?.size ?? 0);
}
