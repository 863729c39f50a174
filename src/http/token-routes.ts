import type { Context, Hono } from "hono";
import * as v from "valibot";
import { isoOf } from "../domain/instant.ts";
import {
  TOKEN_NAME,
  TOKEN_SCOPES,
  TOKENS_MAX,
  type TokenEntry,
  type TokenScope,
  type Tokens,
} from "../domain/tokens.ts";
import { whoAsks } from "./caller.ts";
import { Problem, quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";

/** A token as the API shows it. */
export interface TokenView {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastUsedAt?: string;
}

/** The answer that shows the token, this once. */
export interface NewTokenView extends TokenView {
  readonly token: string;
}

export const TokenBody = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(
      TOKEN_NAME,
      "expected up to 64 letters, digits and . _ - with a letter or digit at both ends",
    ),
    // JSON Schema has no flags.
    v.metadata({ pattern: TOKEN_NAME.source.replaceAll("a-z", "A-Za-z") }),
  ),
  scope: v.optional(v.picklist(TOKEN_SCOPES, `expected ${TOKEN_SCOPES.join(" or ")}`), "read"),
});

export interface TokenRouteDeps {
  readonly tokens: Tokens;
  /** Told when somebody who was let in before may be no longer. */
  readonly onStricter?: () => void;
}

/** `GET` and `POST /api/tokens`, `DELETE /api/tokens/:name`. */
export function addTokenRoutes(app: Hono, { tokens, onStricter }: TokenRouteDeps): void {
  app.get("/api/tokens", (c) => c.json({ items: tokens.list().map(tokenView) }));
  app.post("/api/tokens", async (c) => {
    const isFirst = !tokens.any();
    const answer = await answerNew(c, tokens);
    if (isFirst) onStricter?.();
    return answer;
  });
  app.delete("/api/tokens/:name", async (c) => {
    const name = c.req.param("name");
    if (await tokens.revoke(name)) {
      onStricter?.();
      return c.body(null, 204);
    }
    throw new Problem(404, `Cannot revoke token ${quoted(name)}: there is none of this name`);
  });
}

async function answerNew(c: Context, tokens: Tokens): Promise<Response> {
  const { name, scope } = await readBody(c.req, TokenBody);
  const made = await tokens.make({ name, scope, createdBy: whoAsks(c) });
  const cannot = `Cannot make token ${quoted(name)}`;
  if (made === "name-taken") throw new Problem(409, `${cannot}: there is one; revoke it first`);
  if (made === "too-many") throw new Problem(409, `${cannot}: there are ${TOKENS_MAX} already`);
  const entry = tokens.list().find((token) => token.name === name);
  if (entry === undefined) throw new Error(`token ${name} was made and is not there`);
  return c.json({ ...tokenView(entry), token: made.token }, 201);
}

function tokenView({ createdAt, lastUsedAt, ...entry }: TokenEntry): TokenView {
  return {
    ...entry,
    createdAt: isoOf(createdAt),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: isoOf(lastUsedAt) }),
  };
}
