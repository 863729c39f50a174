import { instant } from "../../../src/domain/instant.ts";
import type { NewsSource, TransitionNews } from "../../../src/domain/news.ts";
import type { NewToken, TokenEntry, Tokens } from "../../../src/domain/tokens.ts";
import { type Access, type AccessOptions, createAccess } from "../../../src/http/access.ts";

const NOON = instant(Date.parse("2026-01-31T12:00:00Z"));

/** Tokens in an array: a token's text is `toc_` and its name. */
export function memoryTokens(
  ...given: readonly Pick<NewToken, "name" | "scope">[]
): Tokens & { readonly kept: TokenEntry[] } {
  const entryOf = (token: Pick<NewToken, "name" | "scope">): TokenEntry => ({
    createdBy: "test",
    ...token,
    createdAt: NOON,
  });
  const kept = given.map(entryOf);
  return {
    kept,
    any: () => kept.length > 0,
    list: () => kept,
    find: (text) => kept.find(({ name }) => text === `toc_${name}`),
    async make(wanted) {
      if (kept.some(({ name }) => name === wanted.name)) return "name-taken";
      kept.push(entryOf(wanted));
      return { token: `toc_${wanted.name}` };
    },
    async revoke(name) {
      const index = kept.findIndex((token) => token.name === name);
      if (index >= 0) kept.splice(index, 1);
      return index >= 0;
    },
  };
}

export function memoryAccess(options: Partial<AccessOptions> = {}): Access {
  return createAccess({ tokens: memoryTokens(), clock: () => NOON, ...options });
}

/** News in an array, in the order of their numbers. */
export function memoryNews(
  news: readonly TransitionNews[] = [],
  lines: readonly unknown[] = [],
): NewsSource {
  return {
    lastSeq: () => news.at(-1)?.seq ?? 0,
    lastLine: () => lines.length,
    transitionsAfter: ({ after, limit }) => news.filter(({ seq }) => seq > after).slice(0, limit),
    deliveries: () => [],
  };
}
