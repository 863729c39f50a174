import { type Api, apiOver } from "./client.ts";
import { connect } from "./connect.ts";
import type { StoreOptions } from "./daemon-options.ts";
import type { Session, Way } from "./session.ts";

export interface StoreHolder {
  readonly url: string;
  readonly api: Api;
  readonly way: Way;
}

/** The running daemon that has the store open which these options mean, if one answers. */
export async function findStoreHolder(
  { context, globals }: Session,
  configPath: string,
  { store }: StoreOptions,
): Promise<StoreHolder | undefined> {
  const [{ readConfig }, { firstDeadlineMs }, { resolveStorePlace }, { readHolder }] =
    await Promise.all([
      import("../threads/read-config.ts"),
      import("../daemon-config.ts"),
      import("../../config/settings.ts"),
      import("../store/holder.ts"),
    ]);
  const given = { flags: { store }, env: context.env };
  const config = await readConfig(configPath, { deadlineMs: firstDeadlineMs(given) });
  const settings = resolveStorePlace({
    ...given,
    config: config.type === "accepted" ? config.manifest.settings : {},
  });
  const holder = settings.ok ? readHolder(settings.settings.store) : undefined;
  if (holder?.url === undefined) return undefined;
  const { url, bootId, token: ownToken } = holder;
  const way = { send: await connect({ ...globals, server: url, ownToken }), server: url };
  const api = apiOver(way.send, url);
  const status = await api.status().catch(() => undefined);
  return status?.bootId === bootId ? { url, api, way } : undefined;
}
