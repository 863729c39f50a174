import type { Claim, Offer } from "../domain/executor.ts";
import { isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { FlowRun } from "../sdk/flow-run.ts";
import { waitingParents } from "./pool-children.ts";
import { STOPPED, settleNow } from "./pool-ends.ts";
import type { HeldRun, Pool, PoolThread } from "./pool-state.ts";
import { expectedMs, threadFor } from "./pool-threads.ts";
import { watchThread } from "./pool-watch.ts";

/** An offered run with the thread that has room for it. */
interface Reservation {
  readonly offer: Offer;
  readonly thread: PoolThread;
  readonly expected: number | undefined;
}

/** Takes as many offers from the front as there is room for, and sets their claims going. */
export function takeOffers(pool: Pool, offers: readonly Offer[]): number {
  if (pool.stopping) return 0;
  placeBacklog(pool);
  const reserved: Reservation[] = [];
  let taken = 0;
  for (const offer of offers) {
    if (!pool.held.has(offer.runId) && !pool.claiming.has(offer.runId)) {
      const reservation = reserve(pool, offer);
      if (reservation === undefined) break;
      reserved.push(reservation);
    }
    taken += 1;
  }
  pool.full = taken < offers.length;
  if (reserved.length > 0) void claimReserved(pool, reserved);
  return taken;
}

function reserve(pool: Pool, offer: Offer): Reservation | undefined {
  if (pool.backlog.length > 0) return undefined;
  // Parents that wait take up no place, so each would make room for another: beyond this only children go.
  if (offer.child !== true && waitingParents(pool) >= pool.deps.threadsMax) return undefined;
  const expected = expectedMs(pool, offer.flow);
  const thread = threadFor(pool, expected);
  if (thread === undefined) return undefined;
  charge(thread, expected);
  thread.reserved += 1;
  pool.claiming.set(offer.runId, { cancelled: false });
  return { offer, thread, expected };
}

function charge(thread: PoolThread, expected: number | undefined): void {
  clearTimeout(thread.idle);
  thread.idle = undefined;
  if (expected === undefined) thread.lone = true;
  else thread.expectedMs += expected;
}

async function claimReserved(pool: Pool, reserved: readonly Reservation[]): Promise<void> {
  const claims = await claimsOf(pool, reserved);
  for (const [index, reservation] of reserved.entries()) {
    const { offer, thread } = reservation;
    const cancelled = pool.claiming.get(offer.runId)?.cancelled === true;
    pool.claiming.delete(offer.runId);
    thread.reserved -= 1;
    const claim = claims[index];
    if (claim !== undefined) place(pool, claim, { ...reservation, cancelled });
  }
  for (const thread of new Set(reserved.map((one) => one.thread))) pool.ears.batchEnd(thread);
}

function place(
  pool: Pool,
  claim: Claim,
  { thread, expected, cancelled }: Reservation & { readonly cancelled: boolean },
): void {
  const held = newlyHeld(claim);
  pool.held.set(claim.runId, held);
  if (cancelled) settleNow(pool, held, { type: "cancelled", message: "it had not begun" });
  else if (pool.stopping) settleNow(pool, held, { type: "crashed", message: STOPPED });
  else if (pool.threads.has(thread)) post(pool, held, { thread, expected });
  else pool.backlog.push(held);
}

async function claimsOf(
  { deps }: Pool,
  reserved: readonly Reservation[],
): Promise<readonly (Claim | undefined)[]> {
  try {
    return await deps.ledger.claim(
      reserved.map(({ offer }) => offer),
      "threads",
    );
  } catch (error) {
    deps.log.error("Cannot claim runs", { runs: reserved.length, error });
    return [];
  }
}

function newlyHeld(claim: Claim): HeldRun {
  return {
    claim,
    place: undefined,
    startedAt: undefined,
    stopping: undefined,
    timer: undefined,
    openTasks: undefined,
    children: 0,
    misplaced: 0,
  };
}

/** Gives waiting runs to threads that have room now. */
export function placeBacklog(pool: Pool): void {
  while (pool.backlog.length > 0) {
    const held = pool.backlog[0];
    if (held === undefined) return;
    const expected = expectedMs(pool, held.claim.run.flow);
    const thread = threadFor(pool, expected);
    if (thread === undefined) return;
    pool.backlog.shift();
    charge(thread, expected);
    post(pool, held, { thread, expected });
  }
}

function post(
  pool: Pool,
  held: HeldRun,
  { thread, expected }: { readonly thread: PoolThread; readonly expected: number | undefined },
): void {
  const slot = thread.freeSlots.pop();
  if (slot === undefined) {
    pool.backlog.push(held);
    return;
  }
  thread.lastPost += 1;
  const number = thread.lastPost;
  held.place = { thread, post: number, slot };
  thread.posts.set(number, held);
  thread.board.offer(slot);
  const { run, attempt, kept, resumed } = held.claim;
  const alone = expected === undefined;
  thread.link.post({
    type: "execute",
    post: number,
    slot,
    alone,
    run: flowRun(run, attempt),
    parameters: run.parameters,
    kept,
    resumed,
  });
  if (!alone) watchThread(pool, thread);
}

export function flowRun(run: Run, attempt: number): Omit<FlowRun, "parameters"> {
  return {
    id: run.id,
    name: run.name,
    flow: run.flow,
    attempt,
    tags: run.tags,
    ...(run.schedule === undefined ? {} : { schedule: run.schedule }),
    ...(run.scheduledFor === undefined ? {} : { scheduledFor: isoOf(run.scheduledFor) }),
    createdAt: isoOf(run.createdAt),
    ...(run.parent === undefined ? {} : { parent: run.parent }),
    generation: run.generation,
  };
}
