import {
  BadBlock,
  type BlockEntry,
  BlockExists,
  BlockKeyWrong,
  type Blocks,
  checkBlock,
  type DeclaredBlockType,
  isSecretType,
  type NewBlock,
  NoSuchBlock,
} from "../domain/blocks.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { Redactor } from "../domain/redaction.ts";
import type { KeySources } from "./block-key.ts";
import { rekeyBlocks } from "./block-rekey.ts";
import { type BlockSeal, hasBlocks, openSeal, proofOf } from "./block-seal.ts";
import type { Store } from "./open-store.ts";

export interface BlockDeps extends KeySources {
  readonly store: Store;
  readonly clock: Clock;
  /** The types that the newest config declares. */
  readonly declared: () => readonly DeclaredBlockType[];
  /** Holds a value against the schema of a declared type: what is wrong with it, or undefined. */
  readonly check: (block: NewBlock) => Promise<string | undefined>;
  /** Told of every secret value, so that it is found wherever it turns up. */
  readonly redactor: Redactor;
}

/**
 * Opens the store's blocks. The key is read now when it is given, or when there are blocks: one that is not
 * theirs is found now (StartRefused), not when a hook needs a block at night. Otherwise it is made for the
 * first block.
 */
export async function openBlocks(deps: BlockDeps): Promise<Blocks> {
  const blocks = new SealedBlocks(deps);
  await blocks.open();
  return blocks;
}

class SealedBlocks implements Blocks {
  readonly #deps: BlockDeps;
  #seal: Promise<BlockSeal> | undefined;
  /** Changes happen one after the other: a block that is saved while the key changes gets the new one. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: BlockDeps) {
    this.#deps = deps;
  }

  async open(): Promise<void> {
    const { store, environment, redactor } = this.#deps;
    if ((environment ?? "") !== "") redactor.learn("TOCSIN_KEY", (environment ?? "").trim());
    if ((environment ?? "") === "" && !hasBlocks(store)) return;
    await this.#key();
    for (const { type, name } of await this.list()) {
      // One that cannot be read says so to whoever loads it.
      if (this.#isSecret(type)) await this.load(type, name).catch(() => undefined);
    }
  }

  async load(type: string, name: string): Promise<Json> {
    // What was read and the key that opens it belong together: neither may change in between.
    return await this.#inTurn(async () => {
      const sealed = findSealed(this.#deps.store, type, name);
      if (sealed === undefined) throw new NoSuchBlock(type, name);
      const { sealer } = await this.#key();
      const text = await sealer.open(sealed, `${type}/${name}`);
      if (text === undefined) throw new BlockKeyWrong(type, name);
      const value = JSON.parse(text) as Json;
      this.#learn(type, name, value);
      return value;
    });
  }

  async save(block: NewBlock): Promise<void> {
    const { type, name, value } = block;
    const wrong = checkBlock(block, this.#deps.declared()) ?? (await this.#checkDeclared(block));
    if (wrong !== undefined) throw new BadBlock(type, name, wrong);
    await this.#inTurn(async () => {
      const { sealer } = await this.#key();
      const sealed = await sealer.seal(JSON.stringify(value), `${type}/${name}`);
      const prove = hasBlocks(this.#deps.store) ? undefined : await proofOf(sealer);
      // Before it is there for anybody to load.
      const mayBeSaved = block.overwrite || findSealed(this.#deps.store, type, name) === undefined;
      if (mayBeSaved) this.#learn(type, name, value);
      const now = this.#deps.clock();
      const changes = await this.#deps.store.write((connection) => {
        prove?.(connection);
        const sql = block.overwrite ? UPSERT : INSERT;
        return connection.run(sql, [type, name, sealed, now, now]);
      });
      if (changes === 0) throw new BlockExists(type, name);
    });
  }

  async delete(type: string, name: string): Promise<void> {
    await this.#inTurn(async () => {
      const gone = await this.#deps.store.write((connection) =>
        connection.run("DELETE FROM block WHERE type = ? AND name = ?", [type, name]),
      );
      if (gone === 0) throw new NoSuchBlock(type, name);
      this.#deps.redactor.forget(`${type}/${name}`);
    });
  }

  async list(): Promise<readonly BlockEntry[]> {
    return this.#deps.store.reader
      .all<{ type: string; name: string; updated_at: number }>(
        "SELECT type, name, updated_at FROM block ORDER BY type, name",
      )
      .map((row) => ({ type: row.type, name: row.name, updatedAt: row.updated_at as Instant }));
  }

  async rekey(newKey: string | undefined) {
    return await this.#inTurn(async () => {
      if (newKey !== undefined) this.#deps.redactor.learn("new key", newKey.trim());
      const use = (seal: BlockSeal) => {
        this.#seal = Promise.resolve(seal);
      };
      return await rekeyBlocks({ ...this.#deps, seal: await this.#key(), use }, newKey);
    });
  }

  /** A key that could not be read is read again next time: somebody may have put it back. */
  async #key(): Promise<BlockSeal> {
    this.#seal ??= openSeal(this.#deps);
    try {
      return await this.#seal;
    } catch (error) {
      this.#seal = undefined;
      throw error;
    }
  }

  async #checkDeclared(block: NewBlock): Promise<string | undefined> {
    const isDeclared = this.#deps.declared().some(({ name }) => name === block.type);
    return isDeclared && block.checked !== true ? await this.#deps.check(block) : undefined;
  }

  #isSecret(type: string): boolean {
    return isSecretType(type, this.#deps.declared());
  }

  #learn(type: string, name: string, value: Json): void {
    if (this.#isSecret(type)) this.#deps.redactor.learn(`${type}/${name}`, secretIn(type, value));
  }

  #inTurn<Answer>(action: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(action);
    this.#turn = answer.catch(() => undefined);
    return answer;
  }
}

/** The host of a mail server is what errors are about: like the host of an address it is no secret. */
function secretIn(type: string, value: Json): Json {
  if (type !== "smtp" || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "host"));
}

function findSealed({ reader }: Store, type: string, name: string): string | undefined {
  const [row] = reader.all<{ sealed: string }>(
    "SELECT sealed FROM block WHERE type = ? AND name = ?",
    [type, name],
  );
  return row?.sealed;
}

const INSERT = `INSERT INTO block (type, name, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const UPSERT = `INSERT INTO block (type, name, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (type, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`;
