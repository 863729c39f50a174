import { existsSync } from "node:fs";
import { Hono } from "hono";
import { resolveStorePlace } from "../../config/settings.ts";
import { requireConfig, requireSettings } from "../daemon-config.ts";
import type { Manifest } from "../domain/flow.ts";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { createRedactor } from "../domain/redaction.ts";
import type { AcceptedConfig } from "../engine/config-keeper.ts";
import { addBlockRoutes } from "../http/block-routes.ts";
import { answerError } from "../http/problems.ts";
import { selfCommand } from "../self-command.ts";
import { openBlocks } from "../store/block-store.ts";
import { bootOf } from "../store/boot-store.ts";
import type { Store } from "../store/open-store.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { wholePlace } from "../store/store-place.ts";
import { checkBlockValue } from "../threads/check-block.ts";
import { VERSION } from "../version.ts";
import { type Api, apiOver } from "./client.ts";
import { CliFailure, EXIT } from "./failure.ts";

/** What a config says that is not there. */
export const NO_CONFIG: Manifest = {
  ...{ flows: [], tasks: [], tagHooks: [], hookModules: [] },
  ...{ limits: {}, settings: {}, blockTypes: [] },
};

/** Where a daemon would be started. */
export interface Place {
  readonly configPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The store as it is found without the config; other settings that are wrong do not matter to it. */
export function storePathOf({ env, flags }: Place): string {
  const answer = resolveStorePlace({ flags, env, config: {} });
  if (answer.ok) return wholePlace(answer.settings.store);
  throw new CliFailure(answer.problems[0]?.message ?? "Cannot find the store", EXIT.usage);
}

/**
 * The blocks of a store that no daemon holds, behind the same routes: what is refused, and how, does not
 * depend on whether a daemon runs. Throws StartRefused where a daemon could not start either.
 */
export async function openOfflineBlocks(
  place: Place,
): Promise<{ readonly api: Api; readonly path: string; close(): Promise<void> }> {
  const { configPath, env } = place;
  const config = existsSync(configPath) ? await requireConfig(place) : undefined;
  const path = config === undefined ? storePathOf(place) : settledPath(place, config);
  const clock: Clock = () => instant(Date.now());
  const boot = bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
  const store = await openStoreAt(path, { boot, self: selfCommand(), env, visits: true });
  const close = () => store.close(clock());
  try {
    return { api: await apiOn(store, { clock, env, config, configPath }), path, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The store as a daemon with this config would find it. */
export function settledPath(place: Place, { manifest }: AcceptedConfig): string {
  const options = { ...place, serve: false, watch: false, log: SILENT };
  return requireSettings(options, manifest).store;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

interface Opening {
  readonly clock: Clock;
  readonly env: Place["env"];
  readonly config: AcceptedConfig | undefined;
  readonly configPath: string;
}

async function apiOn(store: Store, { clock, env, config, configPath }: Opening): Promise<Api> {
  const declared = config?.manifest.blockTypes ?? [];
  const sources = config?.sources ?? { files: {}, links: {} };
  const blocks = await openBlocks({
    ...{ store, clock, storePath: store.path, redactor: createRedactor() },
    environment: env["TOCSIN_KEY"],
    credentialsDirectory: env["CREDENTIALS_DIRECTORY"],
    declared: () => declared,
    check: (block) => checkBlockValue({ configPath, sources }, block),
  });
  const app = new Hono({ strict: false });
  addBlockRoutes(app, { blocks, declared: () => declared });
  app.onError(answerError({}));
  return apiOver(async (request) => await app.fetch(request), "http://localhost");
}
