import { type Random, systemRandom } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { TokenEntry } from "../domain/tokens.ts";

const LIFE_MS = 7 * 86_400_000;
const SESSIONS_MAX = 1_000;
const ID_BYTES = 32;

/** Which token's bearer logged in at the page. Kept in memory: a new daemon asks again. */
export interface Sessions {
  /** Answers the id that the cookie holds. */
  begin(token: TokenEntry): string;
  /** The token's name and when it was made: another one of the same name is another token. */
  find(id: string): Pick<TokenEntry, "name" | "createdAt"> | undefined;
  end(id: string): void;
}

export const SESSION_SECONDS = LIFE_MS / 1_000;

export function createSessions(clock: Clock, random: Random = systemRandom): Sessions {
  const sessions = new Map<
    string,
    { readonly name: string; readonly createdAt: Instant; readonly until: number }
  >();
  return {
    begin({ name, createdAt }) {
      const id = [...random(ID_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      sessions.set(id, { name, createdAt, until: clock() + LIFE_MS });
      const [oldest] = sessions.keys();
      if (sessions.size > SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      return id;
    },
    find(id) {
      const session = sessions.get(id);
      if (session === undefined || session.until > clock()) return session;
      sessions.delete(id);
      return undefined;
    },
    end: (id) => void sessions.delete(id),
  };
}
