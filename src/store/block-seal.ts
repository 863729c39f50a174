import type { BlockKeySource } from "../domain/blocks.ts";
import { StartRefused } from "../domain/start-refused.ts";
import {
  dropNextKey,
  findNextKey,
  type KeySources,
  readBlockKey,
  useNextKey,
} from "./block-key.ts";
import type { Connection } from "./connection.ts";
import type { Store } from "./open-store.ts";
import { type Sealer, sealerOf } from "./seal.ts";

const PROOF = "tocsin";
const FIND_PROOF = "SELECT value FROM meta WHERE key = 'block-key-proof'";
const SAVE_PROOF = `INSERT INTO meta (key, value) VALUES ('block-key-proof', ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

/** The key of a store's blocks, ready for use. */
export interface BlockSeal {
  readonly sealer: Sealer;
  readonly source: BlockKeySource;
  readonly place: string;
}

/** What the seal of a store is opened with. */
export interface SealDeps extends KeySources {
  readonly store: Pick<Store, "reader">;
}

/** Whether anything in the store is sealed with a key. */
export function hasBlocks(store: Pick<Store, "reader">): boolean {
  return store.reader.all("SELECT 1 FROM block LIMIT 1").length > 0;
}

/**
 * Reads the key, or makes it, and finishes what an interrupted change of it left. Throws StartRefused for a
 * key that is not the one with which the store's blocks were encrypted: two keys in one store would each
 * open half of it.
 */
export async function openSeal(deps: SealDeps): Promise<BlockSeal> {
  const { store, storePath } = deps;
  const next = findNextKey(storePath);
  const wasCommitted = next !== undefined && (await isSealedWith(store, await sealerOf(next)));
  // A key from elsewhere says nothing about the two files, which may be needed again.
  if (wasCommitted) useNextKey(storePath);
  const { bytes, source, place } = readBlockKey(deps, hasBlocks(store));
  const sealer = await sealerOf(bytes);
  if ((await judged(store, sealer)) === "refuted") {
    throw new StartRefused(
      `Cannot use block key "${place}": the blocks in the store were encrypted with another key; give the one they were saved with (TOCSIN_KEY, or the file "key" beside the store)`,
      1,
    );
  }
  if (!wasCommitted && source === "file") dropNextKey(storePath);
  return { sealer, source, place };
}

/** Whether there are blocks, and they were sealed with this one. */
export async function isSealedWith(store: SealDeps["store"], sealer: Sealer): Promise<boolean> {
  return (await judged(store, sealer)) === "proven";
}

/** Whether a sealer is that of the store: "unproven" while nothing is sealed. */
async function judged(
  store: SealDeps["store"],
  sealer: Sealer,
): Promise<"proven" | "refuted" | "unproven"> {
  if (!hasBlocks(store)) return "unproven";
  const [row] = store.reader.all<{ value: string }>(FIND_PROOF);
  return row !== undefined && (await sealer.open(row.value, PROOF)) === PROOF
    ? "proven"
    : "refuted";
}

/** What makes a key the store's: to be saved in the transaction that saves the first block under it. */
export async function proofOf(sealer: Sealer): Promise<(connection: Connection) => void> {
  const proof = await sealer.seal(PROOF, PROOF);
  return (connection) => void connection.run(SAVE_PROOF, [proof]);
}
