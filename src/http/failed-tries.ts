import type { Clock } from "../domain/instant.ts";

const TRIES_MAX = 10;
const WINDOW_MS = 60_000;
const PEERS_MAX = 1_000;

/** Counts wrong tokens by who sent them. It holds up nobody who has a right one: those are looked at first. */
export interface FailedTries {
  /** Notes one; answers in how many seconds to come back, where there were too many. */
  note(peer: string): number | undefined;
  count(): number;
}

export function createFailedTries(clock: Clock): FailedTries {
  const windows = new Map<string, { readonly since: number; tries: number }>();
  let count = 0;
  return {
    note(peer) {
      count += 1;
      const now = clock();
      const known = windows.get(peer);
      const window =
        known !== undefined && now - known.since < WINDOW_MS ? known : { since: now, tries: 0 };
      window.tries += 1;
      // Last in the map, so that the first is whoever has been silent longest.
      windows.delete(peer);
      windows.set(peer, window);
      const [oldest] = windows.keys();
      if (windows.size > PEERS_MAX && oldest !== undefined) windows.delete(oldest);
      if (window.tries <= TRIES_MAX) return undefined;
      return Math.max(1, Math.ceil((window.since + WINDOW_MS - now) / 1_000));
    },
    count: () => count,
  };
}
