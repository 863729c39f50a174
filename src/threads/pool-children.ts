import { putBack } from "./pool-ends.ts";
import { type HeldRun, type Pool, waitsForChildren } from "./pool-state.ts";

/** Runs that may wait for child runs at once, at least: each keeps a thread beyond the pool's number. */
const WAITING_MAX = 256;

interface Wait<Answer> {
  /** The flow of the child, for people. */
  readonly flow: string;
  ask(): Promise<Answer>;
}

/** Threads whose run waits for child runs. */
export function waitingParents({ threads }: Pool): number {
  let waiting = 0;
  for (const thread of threads) if (waitsForChildren(thread)) waiting += 1;
  return waiting;
}

/**
 * How many more parents may begin. One that waits takes up no place, so each would make room for another;
 * children themselves always may, or their parents would wait for ever.
 */
export function roomForParents(pool: Pool): number {
  let underWay = 0;
  for (const held of pool.held.values()) if (isParent(pool, held)) underWay += 1;
  for (const claiming of pool.claiming.values()) if (claiming.isParent) underWay += 1;
  return pool.deps.threadsMax - underWay;
}

/** Whether the run is expected to wait for child runs, and no other waits for it. */
export function isParent({ parents }: Pool, { claim: { run } }: HeldRun): boolean {
  return parents.has(run.flow) && run.parent === undefined;
}

/**
 * Asks while the run's thread takes up no place of the pool, so that parents that wait for their children
 * cannot use all of it up. When it goes on there may be a thread more than the pool's number for a while.
 */
export async function whileItWaits<Answer>(
  pool: Pool,
  held: HeldRun,
  { flow, ask }: Wait<Answer>,
): Promise<Answer> {
  pool.parents.add(held.claim.run.flow);
  const waiting = waitingParents(pool);
  if (held.children === 0 && waiting >= Math.max(WAITING_MAX, 2 * pool.deps.threadsMax)) {
    const why = `${waiting} runs wait for child runs already`;
    const next = `give flow "${held.claim.run.flow}" a lower concurrency`;
    throw new Error(`Cannot run flow "${flow}" as a child: ${why}; ${next}`);
  }
  held.children += 1;
  giveRestAway(pool, held);
  try {
    return await ask();
  } finally {
    held.children -= 1;
  }
}

/** Nothing else may wait behind a run that waits, its child least of all. */
function giveRestAway(pool: Pool, { place }: HeldRun): void {
  if (place === undefined) return;
  const { thread } = place;
  thread.lone = true;
  for (const other of [...thread.posts.values()]) {
    if (other.place !== undefined && thread.board.revoke(other.place.slot)) putBack(pool, other);
  }
}
