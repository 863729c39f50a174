import type { TokenScope } from "../domain/tokens.ts";
import type { NewTokenView, TokenView } from "../http/token-routes.ts";
import { asker, type Items } from "./client.ts";
import type { Way } from "./session.ts";

/** The part of the API that is about tokens. Each rejects with a `CliFailure`. */
export interface TokenClient {
  list(): Promise<Items<TokenView>>;
  make(wanted: { readonly name: string; readonly scope: TokenScope }): Promise<NewTokenView>;
  revoke(name: string): Promise<void>;
}

export function tokenClientOver({ send, server }: Way): TokenClient {
  const ask = asker(send, server);
  return {
    list: () => ask("GET", "/api/tokens"),
    make: (body) => ask("POST", "/api/tokens", { body }),
    revoke: (name) => ask("DELETE", `/api/tokens/${encodeURIComponent(name)}`),
  };
}
