import { instant } from "../domain/instant.ts";
import { armTimeout, putBack } from "./pool-ends.ts";
import type { Pool, PoolThread } from "./pool-state.ts";

/** A run that was thought quick and goes on for this long has the rest of its batch taken away. */
const SLOW_MS = 10;

/** Watches a thread that has been given several runs: the one in front may turn out slow. */
export function watchThread(pool: Pool, thread: PoolThread): void {
  thread.watch ??= setTimeout(() => {
    thread.watch = undefined;
    look(pool, thread);
  }, SLOW_MS);
}

function look(pool: Pool, thread: PoolThread): void {
  if (!pool.threads.has(thread) || thread.posts.size === 0) return;
  const running = thread.board.running();
  const front = [...thread.posts.values()].find((held) => held.place?.slot === running?.slot);
  if (running === undefined || front === undefined || Date.now() - running.since < SLOW_MS) {
    watchThread(pool, thread);
    return;
  }
  if (front.startedAt === undefined) {
    const startedAt = instant(running.since);
    pool.deps.ledger.started(front.claim.runId, front.claim.token, startedAt);
    pool.paces.note(front.claim.run.flow, Date.now() - running.since);
    armTimeout(pool, front, startedAt);
    thread.lone = true;
  }
  for (const held of [...thread.posts.values()]) {
    if (held.place !== undefined && thread.board.revoke(held.place.slot)) putBack(pool, held);
  }
  if (thread.posts.size > 1) watchThread(pool, thread);
  pool.ears.batchEnd(thread);
}
