import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { StoreOptions } from "./daemon-options.ts";
import { findDaemon } from "./daemon-or-store.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { noteNoDaemon } from "./no-daemon.ts";
import type { Place } from "./offline-blocks.ts";
import type { Session } from "./session.ts";
import { type StoreClient, storeClientOver } from "./store-client.ts";

/** The way to a store: that of the running daemon, or the file itself where none runs. */
export type StoreDoor =
  | { readonly on: "daemon"; readonly client: StoreClient }
  | { readonly on: "file"; readonly client: StoreClient; readonly path: string };

/** Finds the daemon that was named or is near; or else the store, which must be there. */
export async function findStoreDoor(session: Session, options: StoreOptions): Promise<StoreDoor> {
  const daemon = await findDaemon(session, options);
  if (!(daemon instanceof CliFailure)) return { on: "daemon", client: storeClientOver(daemon) };
  const path = await findStorePath(session, options);
  const { mayBeThere } = await import("../store/store-place.ts");
  if (!mayBeThere(path)) {
    if (options.store === undefined && !existsSync(resolve(options.config))) throw daemon;
    throw new CliFailure(`Cannot open store "${path}": there is no such file`, EXIT.notFound);
  }
  await noteNoDaemon(session, path);
  const { wayToStore } = await import("./offline-store.ts");
  return { on: "file", client: storeClientOver(wayToStore(path, session.context.env)), path };
}

/** The file, or the server's address, that a daemon started here would work on. */
export async function findStorePath(
  { context }: Session,
  { config, store }: StoreOptions,
): Promise<string> {
  const { settledPath, storePathOf } = await import("./offline-blocks.ts");
  const { requireConfig } = await import("../daemon-config.ts");
  const configPath = resolve(config);
  const place: Place = { configPath, env: context.env, flags: { store } };
  // What is said on the command line needs no config, which may be what is broken.
  if (store !== undefined || !existsSync(configPath)) return storePathOf(place);
  return settledPath(place, await requireConfig(place));
}
