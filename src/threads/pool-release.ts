import type { HeldRun, Pool } from "./pool-state.ts";

/** How long a run that was taken back from a slow thread may wait for another before it is given back. */
const RELEASE_MS = 100;

/**
 * Lets a claimed run wait for a thread, and lets go of it if there is still none in a while. Claimed runs hold their
 * limits, come before all others whatever their priority, and are never Late: that must not last as long as the run
 * they were behind.
 */
export function awaitThread(pool: Pool, held: HeldRun): void {
  pool.backlog.push(held);
  pool.release ??= setTimeout(() => {
    pool.release = undefined;
    release(pool);
  }, RELEASE_MS);
}

function release(pool: Pool): void {
  if (pool.stopping) return;
  // Those that no thread could begin are counted, and crash if that goes on.
  const waiting = pool.backlog.filter(({ misplaced }) => misplaced === 0);
  for (const held of waiting) giveBack(pool, held);
}

function giveBack(pool: Pool, held: HeldRun): void {
  const { runId, token } = held.claim;
  if (!pool.deps.ledger.release(runId, token)) return;
  held.timer?.clear();
  pool.held.delete(runId);
  pool.backlog.splice(pool.backlog.indexOf(held), 1);
}
