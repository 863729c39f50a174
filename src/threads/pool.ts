import type { Executor } from "../domain/executor.ts";
import type { RunId } from "../domain/ids.ts";
import { flowPaces } from "./flow-pace.ts";
import { askToStop, kill, putBack, STOPPED, settleNow } from "./pool-ends.ts";
import { takeOffers } from "./pool-placing.ts";
import { poolEars } from "./pool-reports.ts";
import { type HeldRun, loadOf, type Pool, type ThreadExecutorDeps } from "./pool-state.ts";
import { dropThread, warmPool } from "./pool-threads.ts";

const HEARTBEAT_MS = 10_000;
const HEARTBEAT_GRACE_MS = 30_000;

/** Executes runs in worker threads of this process, one run at a time in each. */
export function createThreadExecutor(deps: ThreadExecutorDeps): Executor {
  const pool: Pool = {
    deps,
    paces: flowPaces(),
    threads: new Set(),
    held: new Map(),
    claiming: new Map(),
    parents: new Set(),
    backlog: [],
    release: undefined,
    finishing: new Set(),
    ears: poolEars(() => pool),
    stuck: 0,
    stopping: false,
    full: false,
    parentsLeft: false,
    crowded: false,
    startAfter: 0,
  };
  const heart = setInterval(() => beat(pool), HEARTBEAT_MS);
  return {
    name: "threads",
    can: { hardKill: true, memoryLimit: false, survivesControl: false },
    offer: (offers) => takeOffers(pool, offers),
    cancel: (runId, graceMs) => cancel(pool, runId, graceMs),
    health: () => ({
      threads: pool.threads.size,
      busy: [...pool.threads].filter((thread) => loadOf(thread) > 0).length,
      stuck: pool.stuck,
    }),
    held: () => [...pool.held.keys()],
    warm: () => warmPool(pool),
    async stop(graceMs) {
      clearInterval(heart);
      await stop(pool, graceMs);
    },
  };
}

function cancel(pool: Pool, runId: RunId, graceMs: number): void {
  const claiming = pool.claiming.get(runId);
  if (claiming !== undefined) claiming.cancelled = true;
  const held = pool.held.get(runId);
  if (held === undefined) return;
  if (takeBack(pool, held)) {
    settleNow(pool, held, { type: "cancelled", message: "it had not begun" });
    return;
  }
  askToStop(pool, held, { why: "cancel", message: "cancelled while it ran", graceMs });
}

/** Takes a run that has not begun away from its thread or the backlog; false when it has begun. */
function takeBack(pool: Pool, held: HeldRun): boolean {
  const { place } = held;
  if (place !== undefined) {
    if (!place.thread.board.revoke(place.slot)) return false;
    putBack(pool, held);
  }
  const index = pool.backlog.indexOf(held);
  if (index >= 0) pool.backlog.splice(index, 1);
  return index >= 0;
}

function beat(pool: Pool): void {
  for (const [runId, held] of pool.held) {
    const answer = pool.deps.ledger.heartbeat(runId, held.claim.token);
    if (answer === "cancel") cancel(pool, runId, HEARTBEAT_GRACE_MS);
    if (answer === "fenced") void kill(pool, held);
  }
}

async function stop(pool: Pool, graceMs: number): Promise<void> {
  pool.stopping = true;
  clearTimeout(pool.release);
  for (const held of [...pool.held.values()]) {
    if (takeBack(pool, held)) settleNow(pool, held, { type: "crashed", message: STOPPED });
    else askToStop(pool, held, { why: "stop", message: STOPPED, graceMs });
  }
  // Each run ends by itself or is killed when its grace is over; claims under way are settled at once.
  while (pool.held.size > 0 || pool.claiming.size > 0 || pool.finishing.size > 0) {
    await Promise.race([...pool.finishing, nextLook()]);
  }
  await Promise.all([...pool.threads].map((thread) => dropThread(pool, thread)));
}

function nextLook(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 10));
}
