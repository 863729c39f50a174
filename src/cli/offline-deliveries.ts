import { existsSync } from "node:fs";
import { Hono } from "hono";
import { requireConfig } from "../daemon-config.ts";
import type { Manifest } from "../domain/flow.ts";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { createRedeliver } from "../engine/redeliver.ts";
import { addDeliveryRoutes } from "../http/delivery-routes.ts";
import { addHookRoutes } from "../http/hook-routes.ts";
import { hookNames } from "../http/hook-view.ts";
import { answerError } from "../http/problems.ts";
import { addRedeliverRoutes } from "../http/redeliver-routes.ts";
import { selfCommand } from "../self-command.ts";
import { bootOf } from "../store/boot-store.ts";
import { historyOf } from "../store/history-of.ts";
import type { Store } from "../store/open-store.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { VERSION } from "../version.ts";
import { type Api, apiOver } from "./client.ts";
import { NO_CONFIG, type Place, settledPath, storePathOf } from "./offline-blocks.ts";

/**
 * The hooks and deliveries of a store that no daemon holds, behind the same routes. What is asked for again is
 * rung by the next daemon. Throws StartRefused where a daemon could not start either.
 */
export async function openOfflineDeliveries(
  place: Place,
): Promise<{ readonly api: Api; readonly path: string; close(): Promise<void> }> {
  const config = existsSync(place.configPath) ? await requireConfig(place) : undefined;
  const path = config === undefined ? storePathOf(place) : settledPath(place, config);
  const clock: Clock = () => instant(Date.now());
  const boot = bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
  const store = await openStoreAt(path, {
    ...{ boot, self: selfCommand(), env: place.env, visits: true },
  });
  const close = () => store.close(clock());
  return { api: apiOn(store, clock, config?.manifest), path, close };
}

function apiOn(store: Store, clock: Clock, manifest: Manifest | undefined): Api {
  const history = historyOf(store.reader, store.tally);
  const known = manifest === undefined ? undefined : hookNames(manifest);
  const commands = createRedeliver({
    store,
    clock,
    // Without a config nobody knows; the daemon that rings them will.
    hasHook: (key) => known?.has(key) ?? true,
    deliver: { isUnderWay: () => false, reopen: () => {} },
  });
  const generation = () => ({ manifest: manifest ?? NO_CONFIG });
  const app = new Hono({ strict: false });
  addHookRoutes(app, { history, clock, generation, hookRecords: () => history.hookRecords() });
  addDeliveryRoutes(app, { history, clock, generation });
  addRedeliverRoutes(app, { history, clock, generation, commands });
  app.onError(answerError({}));
  return apiOver(async (request) => await app.fetch(request), "http://localhost");
}
