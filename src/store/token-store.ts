import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock, Instant } from "../domain/instant.ts";
import {
  type NewToken,
  TOKENS_MAX,
  type TokenEntry,
  type TokenScope,
  type Tokens,
} from "../domain/tokens.ts";
import type { Store } from "./open-store.ts";

const SECRET_BYTES = 32;
/** When a token was last used is written down at most this often: a look must not cost a write. */
const NOTE_EVERY_MS = 60_000;

export interface TokenDeps {
  readonly store: Pick<Store, "reader" | "write">;
  readonly clock: Clock;
}

/** A text that nobody guesses: 256 random bits behind a prefix by which leaked ones are found. */
export function randomToken(): string {
  return `toc_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** Compares in a time that does not depend on where two texts differ. */
export function isSameToken(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

/**
 * The store's tokens. Kept are their SHA-256 hashes only: with 256 random bits in a token nothing slower is
 * needed. All are held in memory, since the holder of the store is the only one who changes them.
 */
export function openTokens({ store, clock }: TokenDeps): Tokens {
  const kept = new Map(readTokens(store).map((token) => [token.name, token]));
  /** Names of those that are being saved. */
  const making = new Set<string>();
  return {
    any: () => kept.size > 0,
    list: () => [...kept.values()].map(entryOf),
    find(text) {
      const found = matching([...kept.values()], hashOf(text));
      if (found === undefined) return undefined;
      return entryOf(noteUse({ store, kept, now: clock() }, found));
    },
    async make(wanted) {
      if (kept.has(wanted.name) || making.has(wanted.name)) return "name-taken";
      if (kept.size + making.size >= TOKENS_MAX) return "too-many";
      const token = randomToken();
      const made = { ...wanted, createdAt: clock(), hash: hashOf(token) };
      making.add(made.name);
      try {
        await store.write((connection) => connection.run(INSERT, rowOf(made)));
      } finally {
        making.delete(made.name);
      }
      kept.set(made.name, made);
      return { token };
    },
    async revoke(name) {
      const token = kept.get(name);
      if (token === undefined) return false;
      // It is worth nothing at once, and something again only if that cannot be kept.
      kept.delete(name);
      try {
        await store.write((connection) => connection.run(DELETE, [name]));
      } catch (error) {
        kept.set(name, token);
        throw error;
      }
      return true;
    },
  };
}

interface Kept extends NewToken {
  readonly hash: Buffer;
  readonly createdAt: Instant;
  readonly lastUsedAt?: Instant;
}

/** Every one is compared, also after one fits. */
function matching(tokens: readonly Kept[], hash: Buffer): Kept | undefined {
  return tokens.reduce<Kept | undefined>(
    (found, token) => (timingSafeEqual(token.hash, hash) ? token : found),
    undefined,
  );
}

interface Use {
  readonly store: TokenDeps["store"];
  readonly kept: Map<string, Kept>;
  readonly now: Instant;
}

function noteUse({ store, kept, now }: Use, token: Kept): Kept {
  if (token.lastUsedAt !== undefined && now - token.lastUsedAt < NOTE_EVERY_MS) return token;
  const used = { ...token, lastUsedAt: now };
  kept.set(token.name, used);
  store
    .write((connection) =>
      connection.run("UPDATE token SET last_used_at = ? WHERE name = ?", [now, token.name]),
    )
    // A full disk must not shut out whoever comes to see what is wrong.
    .catch(() => undefined);
  return used;
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function entryOf({ hash: _, ...entry }: Kept): TokenEntry {
  return entry;
}

interface Row {
  readonly name: string;
  readonly scope: string;
  readonly hash: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly last_used_at: number | null;
}

function readTokens({ reader }: TokenDeps["store"]): readonly Kept[] {
  return reader.all<Row>("SELECT * FROM token ORDER BY created_at, name").map((row) => ({
    name: row.name,
    scope: row.scope as TokenScope,
    hash: Buffer.from(row.hash, "hex"),
    createdAt: row.created_at as Instant,
    createdBy: row.created_by,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at as Instant }),
  }));
}

function rowOf({ name, scope, hash, createdAt, createdBy }: Kept) {
  return [name, scope, hash.toString("hex"), createdAt, createdBy];
}

const INSERT =
  "INSERT INTO token (name, scope, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?)";
const DELETE = "DELETE FROM token WHERE name = ?";
