import type { Api } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { withDaemonOrStore } from "./daemon-or-store.ts";
import { EXIT } from "./failure.ts";
import type { Session } from "./session.ts";

/** The part of the API that is about blocks. */
export type BlockApi = Pick<
  Api,
  "listBlocks" | "findBlock" | "saveBlock" | "deleteBlock" | "rekeyBlocks"
>;

/** Hands the blocks to `action`: those of the running daemon, or of the store where none runs. */
export async function withBlocks(
  session: Session,
  options: StoreOptions,
  action: (blocks: BlockApi) => Promise<void>,
): Promise<number> {
  await withDaemonOrStore(session, options, {
    open: async (place) => (await import("./offline-blocks.ts")).openOfflineBlocks(place),
    action,
  });
  return EXIT.ok;
}
