import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Api } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Session } from "./session.ts";
import { findStoreHolder } from "./store-holder.ts";

/** The part of the API that is about blocks. */
export type BlockApi = Pick<
  Api,
  "listBlocks" | "findBlock" | "saveBlock" | "deleteBlock" | "rekeyBlocks"
>;

/**
 * Hands the blocks to `action`: those of the running daemon, or where none runs and none was named, those of
 * the store itself, which is held meanwhile.
 */
export async function withBlocks(
  session: Session,
  options: StoreOptions,
  action: (blocks: BlockApi) => Promise<void>,
): Promise<number> {
  const daemon = await findDaemon(session, options);
  if (daemon instanceof CliFailure) await onStore(options, session, { action, otherwise: daemon });
  else await action(daemon);
  return EXIT.ok;
}

/** The daemon's blocks, or why there is none to ask. */
async function findDaemon(session: Session, options: StoreOptions): Promise<BlockApi | CliFailure> {
  if (session.isServerGiven) return await session.api();
  if (options.store !== undefined) {
    const holder = await findStoreHolder(session, resolve(options.config), options);
    return holder?.api ?? new CliFailure("no daemon holds the store", EXIT.unreachable);
  }
  const api = await session.api();
  try {
    await api.status();
    return api;
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.unreachable) return error;
    throw error;
  }
}

interface OnStore {
  readonly action: (blocks: BlockApi) => Promise<void>;
  /** What is said where there is no store either. */
  readonly otherwise: CliFailure;
}

async function onStore(
  { config, store }: StoreOptions,
  { context: { env } }: Session,
  { action, otherwise }: OnStore,
): Promise<void> {
  const { openOfflineBlocks, storePathOf } = await import("./offline-blocks.ts");
  const configPath = resolve(config);
  const place = { configPath, env, flags: { store } };
  if (!existsSync(configPath) && !existsSync(storePathOf(place))) throw otherwise;
  const { api, close } = await openOfflineBlocks(place);
  try {
    await action(api);
  } finally {
    close();
  }
}
