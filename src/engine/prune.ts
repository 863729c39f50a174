import { type Clock, type Instant, later } from "../domain/instant.ts";
import type { Log } from "../log.ts";
import { dropExpired } from "../store/kept-results.ts";
import type { Store } from "../store/open-store.ts";
import { pruneEnded } from "../store/prune.ts";

// In: runs that ended long ago. Out: nothing of them, a few at a time so that nobody waits.

const EVERY_MS = 3_600_000;
const RUNS_PER_COMMIT = 200;

export interface PruneDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** How long ended runs are kept. */
  readonly retentionMs: number;
}

/** Deletes what is older than the retention; answers when to look again. */
export async function prune({ store, clock, log, retentionMs }: PruneDeps): Promise<Instant> {
  const before = later(clock(), -retentionMs);
  let total = 0;
  await store.write((connection) => dropExpired(connection, clock()));
  for (;;) {
    const gone = await store.write((connection) => pruneEnded(connection, before, RUNS_PER_COMMIT));
    store.tally.gone(gone);
    total += gone.runs.length;
    if (gone.runs.length < RUNS_PER_COMMIT) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (total > 0) {
    log.info(`Deleted ${total} runs that ended before ${new Date(before).toISOString()}`);
  }
  return later(clock(), EVERY_MS);
}
