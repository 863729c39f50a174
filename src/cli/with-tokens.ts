import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { mayBeThere } from "../store/store-place.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { findDaemon } from "./daemon-or-store.ts";
import { CliFailure } from "./failure.ts";
import { noteNoDaemon } from "./no-daemon.ts";
import type { Session } from "./session.ts";
import { type TokenClient, tokenClientOver } from "./token-client.ts";
import { userName } from "./user-name.ts";
import { findStorePath } from "./with-store.ts";

/** Hands the tokens to `action`: those of the running daemon, or of the store where none runs. */
export async function withTokens(
  session: Session,
  options: StoreOptions,
  action: (tokens: TokenClient) => Promise<void>,
): Promise<number> {
  const daemon = await findDaemon(session, options);
  if (!(daemon instanceof CliFailure)) {
    await action(tokenClientOver(daemon));
    return 0;
  }
  const path = await findStorePath(session, options);
  // A first token may be made before the first start; but not where nothing says that one is meant.
  const isMeant = options.store !== undefined || existsSync(resolve(options.config));
  if (!isMeant && !mayBeThere(path)) throw daemon;
  const { openOfflineTokens } = await import("./offline-tokens.ts");
  const who = `cli of ${userName() ?? "somebody"}`;
  const way = await openOfflineTokens(path, who, session.context.env);
  try {
    await noteNoDaemon(session, path);
    await action(tokenClientOver(way));
  } finally {
    await way.close();
  }
  return 0;
}
