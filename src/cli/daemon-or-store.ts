import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Api, apiOver, asker } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { noteNoDaemon } from "./no-daemon.ts";
import type { Place } from "./offline-blocks.ts";
import type { Session, Way } from "./session.ts";
import { findStoreHolder } from "./store-holder.ts";

/** There is something else to do where no answer comes (RFC 7240). */
const SOON = { prefer: "wait=5" };

/** The store itself, behind the routes that are needed. */
export interface Opened {
  readonly api: Api;
  readonly path: string;
  close(): void | Promise<void>;
}

interface OnStore<Answer> {
  /** Undefined where there is no store, and none is to be made. */
  readonly open: (place: Place) => Promise<Opened | undefined>;
  readonly action: (api: Api, on: "daemon" | "store") => Promise<Answer>;
}

/**
 * Does something with the running daemon, or where none answers and none was named, with the store itself; that
 * it is so is said.
 */
export async function withDaemonOrStore<Answer>(
  session: Session,
  options: StoreOptions,
  { open, action }: OnStore<Answer>,
): Promise<Answer> {
  const daemon = await findDaemon(session, options);
  if (!(daemon instanceof CliFailure)) {
    return await action(apiOver(daemon.send, daemon.server), "daemon");
  }
  const [{ storePathOf }, { mayBeThere }] = await Promise.all([
    import("./offline-blocks.ts"),
    import("../store/store-place.ts"),
  ]);
  const configPath = resolve(options.config);
  const place = { configPath, env: session.context.env, flags: { store: options.store } };
  if (!existsSync(configPath) && !mayBeThere(storePathOf(place))) throw daemon;
  const opened = await open(place);
  if (opened === undefined) throw noStore(options, daemon);
  const { api, path, close } = opened;
  try {
    await noteNoDaemon(session, path);
    return await action(api, "store");
  } finally {
    await close();
  }
}

/** Nothing has ever run here, unless another store was meant. */
function noStore({ store }: StoreOptions, daemon: CliFailure): CliFailure {
  if (store === undefined) return daemon;
  return new CliFailure(`Cannot read store "${store}": there is no such file`, EXIT.notFound);
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
    await asker(way.send, way.server)("GET", "/api/status", { headers: SOON });
    return way;
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.unreachable) return error;
    throw error;
  }
}
