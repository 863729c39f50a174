import type { RateLimit } from "../domain/flow.ts";
import { type Instant, later } from "../domain/instant.ts";
import { loadHookMemory } from "../store/hook-memory.ts";
import type { Store } from "../store/open-store.ts";

/** What one hook was rung for before. Kept in the store, so that a restart forgets nothing. */
export interface GateMemory {
  /** The delivery that was rung within `withinMs` for what `key` names, if it was another one. */
  twinOf(key: string, delivery: string, since: Instant): Twin | undefined;
  noteSame(key: string, delivery: string, now: Instant): void;
  /** When there is room under the limit again; undefined while there is some. */
  fullUntil(limit: RateLimit, now: Instant): Instant | undefined;
  noteRung(now: Instant): void;
}

export interface Twin {
  readonly id: string;
  readonly at: Instant;
}

type MemoryStore = Pick<Store, "reader" | "saveHookMemory">;

const RUNG = "rung";
const SAME = "same:";
/** Beyond so many things that count as the same, those whose time is over are forgotten. */
const SAME_LEAST = 256;

export function recallHook(store: MemoryStore, hookNo: number): GateMemory {
  const entries = loadHookMemory(store.reader, hookNo);
  const same = new Map<string, Twin>(
    entries
      .filter(({ key }) => key.startsWith(SAME))
      .map(({ key, value }) => [key.slice(SAME.length), JSON.parse(value) as Twin]),
  );
  const rung = entries.find(({ key }) => key === RUNG)?.value ?? "[]";
  let forgetAt = SAME_LEAST;
  let rungAt = JSON.parse(rung) as readonly Instant[];
  return {
    twinOf(key, delivery, since) {
      if (same.size > forgetAt) {
        forgetBefore(same, since);
        // Where most are still to be remembered, not all of them are looked at each time.
        forgetAt = Math.max(SAME_LEAST, same.size * 2);
      }
      const twin = same.get(key);
      return twin !== undefined && twin.id !== delivery && twin.at > since ? twin : undefined;
    },
    noteSame(key, delivery, now) {
      const twin: Twin = { id: delivery, at: now };
      same.set(key, twin);
      const value = JSON.stringify(twin);
      store.saveHookMemory({ hookNo, key: `${SAME}${key}`, value, at: now });
    },
    fullUntil({ max, perMs }, now) {
      rungAt = rungAt.filter((at) => later(at, perMs) > now);
      const oldest = rungAt.at(-max);
      return oldest === undefined ? undefined : later(oldest, perMs);
    },
    noteRung(now) {
      rungAt = [...rungAt, now];
      store.saveHookMemory({ hookNo, key: RUNG, value: JSON.stringify(rungAt), at: now });
    },
  };
}

function forgetBefore(same: Map<string, Twin>, since: Instant): void {
  for (const [key, { at }] of same) if (at <= since) same.delete(key);
}
