import {
  BlockExists,
  BlockKeyWrong,
  type Blocks,
  checkBlock,
  NoSuchBlock,
} from "../domain/blocks.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { Connection } from "./connection.ts";
import type { Store } from "./open-store.ts";
import { type Sealer, sealerOf } from "./seal.ts";

const PROOF = "tocsin";
const OTHER_KEY =
  "the blocks that are there were encrypted with another key; start the daemon with that one (TOCSIN_KEY, or the key file beside the store)";

/** Thrown by `save` for a block whose type, name or value does not fit. */
class BadBlock extends Error {
  constructor(type: string, name: string, why: string) {
    super(`Cannot save block "${type}/${name}": ${why}`);
    this.name = "BadBlock";
  }
}

/** Blocks over the store, sealed. The key is read, or made, when the first block is. */
export function blocksOver(
  store: Store,
  readKey: (hasBlocks: boolean) => Uint8Array<ArrayBuffer>,
  clock: Clock,
): Blocks {
  let opened: Promise<Sealer> | undefined;
  const sealer = () => {
    opened ??= sealerOf(readKey(hasBlocks(store)));
    return opened;
  };
  return {
    async load(type, name) {
      const sealed = findSealed(store.reader, type, name);
      if (sealed === undefined) throw new NoSuchBlock(type, name);
      const text = await (await sealer()).open(sealed, `${type}/${name}`);
      if (text === undefined) throw new BlockKeyWrong(type, name);
      return JSON.parse(text) as Json;
    },
    async save({ type, name, value, overwrite }) {
      const wrong = checkBlock(type, name, value);
      if (wrong !== undefined) throw new BadBlock(type, name, wrong);
      if (!(await isSameKey(store, await sealer()))) throw new BadBlock(type, name, OTHER_KEY);
      const sealed = await (await sealer()).seal(JSON.stringify(value), `${type}/${name}`);
      const changes = store.write((connection) =>
        connection.run(overwrite ? UPSERT : INSERT, [type, name, sealed, clock(), clock()]),
      );
      if (changes === 0) throw new BlockExists(type, name);
    },
    async delete(type, name) {
      const gone = store.write((connection) =>
        connection.run("DELETE FROM block WHERE type = ? AND name = ?", [type, name]),
      );
      if (gone === 0) throw new NoSuchBlock(type, name);
    },
    async list() {
      return store.reader
        .all<{ type: string; name: string; updated_at: number }>(
          "SELECT type, name, updated_at FROM block ORDER BY type, name",
        )
        .map((row) => ({ type: row.type, name: row.name, updatedAt: row.updated_at as Instant }));
    },
  };
}

/** Whether anything in the store was sealed with a key. */
export function hasBlocks(store: Pick<Store, "reader">): boolean {
  return store.reader.all("SELECT 1 FROM meta WHERE key = 'block-key-proof'").length > 0;
}

/** Two keys in one store would each open half of it: the first key leaves a proof, the others are refused. */
async function isSameKey(store: Store, sealer: Sealer): Promise<boolean> {
  const [row] = store.reader.all<{ value: string }>(
    "SELECT value FROM meta WHERE key = 'block-key-proof'",
  );
  if (row !== undefined) return (await sealer.open(row.value, PROOF)) === PROOF;
  const proof = await sealer.seal(PROOF, PROOF);
  store.write((connection) =>
    connection.run(
      "INSERT INTO meta (key, value) VALUES ('block-key-proof', ?) ON CONFLICT DO NOTHING",
      [proof],
    ),
  );
  return true;
}

function findSealed(connection: Connection, type: string, name: string): string | undefined {
  const [row] = connection.all<{ sealed: string }>(
    "SELECT sealed FROM block WHERE type = ? AND name = ?",
    [type, name],
  );
  return row?.sealed;
}

const INSERT = `INSERT INTO block (type, name, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const UPSERT = `INSERT INTO block (type, name, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (type, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`;
