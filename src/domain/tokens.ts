import type { Instant } from "./instant.ts";

/** What a token lets its bearer do: `read` looks, `write` also changes. */
export const TOKEN_SCOPES = ["read", "write"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A token as it is shown: never the token itself, which nobody keeps but its bearer. */
export interface TokenEntry {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAt: Instant;
  /** Who asked for it. */
  readonly createdBy: string;
  /** To the minute. */
  readonly lastUsedAt?: Instant;
}

export interface NewToken {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdBy: string;
}

/** The tokens that let somebody in. */
export interface Tokens {
  /** Whether there is any. */
  any(): boolean;
  list(): readonly TokenEntry[];
  /** Whose token this text is, if it is one; notes that it was used. */
  find(text: string): TokenEntry | undefined;
  /** Makes one and answers its text, which is shown this once; or why it cannot be made. */
  make(wanted: NewToken): Promise<{ readonly token: string } | "name-taken" | "too-many">;
  /** Answers whether there was one of that name. */
  revoke(name: string): Promise<boolean>;
}

export const TOKENS_MAX = 200;
export const TOKEN_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i;
