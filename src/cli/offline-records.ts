import { existsSync } from "node:fs";
import { Hono } from "hono";
import { requireConfig } from "../daemon-config.ts";
import type { Manifest } from "../domain/flow.ts";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { addDeliveryRoutes } from "../http/delivery-routes.ts";
import { addHookRoutes } from "../http/hook-routes.ts";
import { answerError } from "../http/problems.ts";
import { addRunRoutes } from "../http/run-routes.ts";
import { selfCommand } from "../self-command.ts";
import { admitStoreFile } from "../store/admit-file.ts";
import { bootOf } from "../store/boot-store.ts";
import { type Connection, openConnection } from "../store/connection.ts";
import { historyOf } from "../store/history-of.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { isServer } from "../store/store-place.ts";
import { VERSION } from "../version.ts";
import { type Api, apiOver } from "./client.ts";
import type { Opened } from "./daemon-or-store.ts";
import { NO_CONFIG, type Place, settledPath, storePathOf } from "./offline-blocks.ts";

/**
 * The runs, log lines, hooks and deliveries of a store that no daemon can be asked for, behind the same routes.
 * It is only read, and not held: a daemon may work on it meanwhile. Undefined where there is none yet; throws
 * StartRefused where this program cannot read it.
 */
export async function openOfflineRecords(place: Place): Promise<Opened | undefined> {
  const { path, manifest } = await whereItIs(place);
  if (isServer(path)) return await openFromServer(path, manifest, place.env);
  if (!existsSync(path)) return undefined;
  admitStoreFile(path, selfCommand());
  const reader = openConnection(path, "reader");
  return { api: apiOn(reader, manifest), path, close: () => reader.close() };
}

/** Nobody can work on it meanwhile: what is read is a copy that this process keeps up to date. */
async function openFromServer(path: string, manifest: Manifest, env: Place["env"]) {
  const boot = bootOf(uuidv7(now(), systemRandom) as BootId, VERSION, now());
  const store = await openStoreAt(path, { boot, self: selfCommand(), env, visits: true });
  return { api: apiOn(store.reader, manifest), path, close: () => store.close(now()) };
}

const now: Clock = () => instant(Date.now());

interface Found {
  readonly path: string;
  readonly manifest: Manifest;
}

/** A config that is broken does not keep people from what has been written down. */
async function whereItIs(place: Place): Promise<Found> {
  const usual = storePathOf(place);
  if (!existsSync(place.configPath)) return { path: usual, manifest: NO_CONFIG };
  try {
    const config = await requireConfig(place);
    return { path: settledPath(place, config), manifest: config.manifest };
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    return { path: usual, manifest: NO_CONFIG };
  }
}

function apiOn(reader: Connection, manifest: Manifest): Api {
  const history = historyOf(reader);
  const generation = () => ({ manifest });
  const app = new Hono({ strict: false });
  addRunRoutes(app, { history, clock: now });
  addHookRoutes(app, { history, clock: now, generation, hookRecords: () => history.hookRecords() });
  addDeliveryRoutes(app, { history, clock: now, generation });
  app.onError(answerError({}));
  return apiOver(async (request) => await app.fetch(request), "http://localhost");
}
