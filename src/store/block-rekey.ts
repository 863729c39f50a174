import { BlockKeyWrong, type Rekeyed, RekeyRefused } from "../domain/blocks.ts";
import { dropNextKey, keyOf, newKey, useNextKey, writeNextKey } from "./block-key.ts";
import { type BlockSeal, isSealedWith, proofOf } from "./block-seal.ts";
import type { Store } from "./open-store.ts";
import { type Sealer, sealerOf } from "./seal.ts";

export interface RekeyDeps {
  readonly store: Store;
  readonly storePath: string;
  /** The seal in force. */
  readonly seal: BlockSeal;
  /** Told of the new seal as soon as the store is committed under it. */
  readonly use: (seal: BlockSeal) => void;
}

/**
 * Encrypts all blocks with another key, in one transaction. A key that is kept in the file takes its place
 * there: until the store is committed the new one lies beside it, and the next start finds out which of the
 * two counts.
 */
export async function rekeyBlocks(deps: RekeyDeps, given: string | undefined): Promise<Rekeyed> {
  const { store, storePath, seal, use } = deps;
  const { source, place } = seal;
  const key = keyFrom(given, seal);
  const sealer = await sealerOf(key);
  const blocks = await sealedAnew(store, { from: seal.sealer, to: sealer });
  const prove = await proofOf(sealer);
  if (source === "file") writeNextKey(storePath, key);
  try {
    await store.write((connection) => {
      for (const { type, name, after } of blocks) connection.run(SEAL, [after, type, name]);
      prove(connection);
    });
  } catch (error) {
    // A commit that fails may have happened all the same: what the store holds decides.
    if (!(await isSealedWith(store, sealer))) {
      if (source === "file") dropNextKey(storePath);
      throw error;
    }
  }
  use({ sealer, source, place });
  if (source === "file") useNextKey(storePath);
  return { blocks: blocks.length, source, place };
}

const SEAL = "UPDATE block SET sealed = ? WHERE type = ? AND name = ?";

function keyFrom(given: string | undefined, { source, place }: BlockSeal): Uint8Array<ArrayBuffer> {
  if (given === undefined) {
    if (source === "file") return newKey();
    throw new RekeyRefused(
      `the key comes from ${place}, where nothing can be written; make a new one (openssl rand -base64 32), give it with --new-key-file, and put it there too`,
    );
  }
  const key = keyOf(given);
  if (key !== undefined) return key;
  throw new RekeyRefused(
    "the new key must be 32 bytes in base64 or hexadecimal (openssl rand -base64 32 makes one)",
  );
}

interface SealedAnew {
  readonly type: string;
  readonly name: string;
  readonly after: string;
}

async function sealedAnew(
  store: Store,
  { from, to }: { readonly from: Sealer; readonly to: Sealer },
): Promise<readonly SealedAnew[]> {
  const rows = store.reader.all<{ type: string; name: string; sealed: string }>(
    "SELECT type, name, sealed FROM block",
  );
  return await Promise.all(
    rows.map(async ({ type, name, sealed }) => {
      const context = `${type}/${name}`;
      const text = await from.open(sealed, context);
      if (text === undefined) throw new BlockKeyWrong(type, name);
      return { type, name, after: await to.seal(text, context) };
    }),
  );
}
