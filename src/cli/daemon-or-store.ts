import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Api, apiOver } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Place } from "./offline-blocks.ts";
import type { Session, Way } from "./session.ts";
import { findStoreHolder } from "./store-holder.ts";

interface OnStore {
  /** Puts the routes that are needed on the store itself, which is held until `close`. */
  readonly open: (place: Place) => Promise<{ readonly api: Api; close(): void }>;
  readonly action: (api: Api, on: "daemon" | "store") => Promise<void>;
}

/**
 * Does something with the running daemon, or where none runs and none was named, with the store itself, which
 * is held meanwhile.
 */
export async function withDaemonOrStore(
  session: Session,
  options: StoreOptions,
  { open, action }: OnStore,
): Promise<void> {
  const daemon = await findDaemon(session, options);
  if (!(daemon instanceof CliFailure)) {
    return await action(apiOver(daemon.send, daemon.server), "daemon");
  }
  const { storePathOf } = await import("./offline-blocks.ts");
  const configPath = resolve(options.config);
  const place = { configPath, env: session.context.env, flags: { store: options.store } };
  if (!existsSync(configPath) && !existsSync(storePathOf(place))) throw daemon;
  const { api, close } = await open(place);
  try {
    await action(api, "store");
  } finally {
    close();
  }
}

/** The way to the daemon, or why there is none to ask. */
export async function findDaemon(
  session: Session,
  options: StoreOptions,
): Promise<Way | CliFailure> {
  if (session.isServerGiven) return await session.way();
  if (options.store !== undefined) {
    const holder = await findStoreHolder(session, resolve(options.config), options);
    return holder?.way ?? new CliFailure("no daemon holds the store", EXIT.unreachable);
  }
  const way = await session.way();
  try {
    await apiOver(way.send, way.server).status();
    return way;
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.unreachable) return error;
    throw error;
  }
}
