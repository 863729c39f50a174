import type { Claim, Offer, OfferAnswer } from "../domain/executor.ts";
import { isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { FlowRun } from "../sdk/flow-run.ts";
import { isParent, roomForParents, waitingParents } from "./pool-children.ts";
import { STOPPED, settleNow } from "./pool-ends.ts";
import { awaitThread } from "./pool-release.ts";
import type { Claiming, HeldRun, Pool, PoolThread } from "./pool-state.ts";
import { expectedMs, threadFor } from "./pool-threads.ts";
import { watchThread } from "./pool-watch.ts";

/** An offered run with the thread that has room for it. */
interface Reservation {
  readonly offer: Offer;
  readonly thread: PoolThread;
  readonly expected: number | undefined;
}

/** Takes as many offers from the front as there is room for, and sets their claims going. */
export function takeOffers(pool: Pool, offers: readonly Offer[]): OfferAnswer {
  if (pool.stopping) return { left: offers, full: true };
  pool.parentsLeft = false;
  pool.crowded = pool.held.size + pool.claiming.size + offers.length > pool.deps.threadsMax;
  pool.full = !placeBacklog(pool);
  const mayBegin = parentGate(pool);
  const reserved: Reservation[] = [];
  let looked = 0;
  const left = offers.filter((offer) => {
    if (pool.full) return false;
    looked += 1;
    if (pool.held.has(offer.runId)) return false;
    if (offeredAgain(pool.claiming.get(offer.runId))) return true;
    const reservation = mayBegin(offer) ? reserve(pool, offer) : undefined;
    if (reservation !== undefined) reserved.push(reservation);
    return reservation === undefined;
  });
  if (reserved.length > 0) void claimReserved(pool, reserved);
  // Many may wait while there is no room: those behind are left as they are.
  return { left: [...left, ...offers.slice(looked)], full: pool.full };
}

/** Notes of a run that is being claimed that it was offered anew; false when it is not. */
export function offeredAgain(claiming: Claiming | undefined): boolean {
  if (claiming === undefined) return false;
  claiming.again = true;
  return true;
}

/** Lets of the parents among offers only so many pass: others go past those that are left. */
function parentGate(pool: Pool): (offer: Offer) => boolean {
  let room: number | undefined;
  return (offer) => {
    if (!isParentOffer(pool, offer)) return true;
    room ??= roomForParents(pool);
    room -= 1;
    if (room < 0) pool.parentsLeft = true;
    return room >= 0;
  };
}

function isParentOffer({ parents }: Pool, { flow, child }: Offer): boolean {
  return child !== true && parents.has(flow);
}

function reserve(pool: Pool, offer: Offer): Reservation | undefined {
  const expected = expectedMs(pool, offer.flow);
  const thread = threadFor(pool, expected);
  if (thread === undefined) {
    pool.full = true;
    return undefined;
  }
  charge(thread, expected);
  thread.reserved += 1;
  pool.claiming.set(offer.runId, {
    cancelled: false,
    again: false,
    isParent: isParentOffer(pool, offer),
  });
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
  let again = false;
  for (const [index, reservation] of reserved.entries()) {
    const { offer, thread } = reservation;
    const claiming = pool.claiming.get(offer.runId);
    const cancelled = claiming?.cancelled === true;
    again ||= claiming?.again === true;
    pool.claiming.delete(offer.runId);
    thread.reserved -= 1;
    const claim = claims[index];
    if (claim !== undefined) place(pool, claim, { ...reservation, cancelled });
  }
  for (const thread of new Set(reserved.map((one) => one.thread))) pool.ears.batchEnd(thread);
  if (again && !pool.stopping) pool.deps.onRoom();
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
  else awaitThread(pool, held);
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

/** Gives waiting runs to threads that have room now; false when there is none for one of them. */
export function placeBacklog(pool: Pool): boolean {
  for (const held of [...pool.backlog]) {
    const isOneTooMany = isParent(pool, held) && waitingParents(pool) >= pool.deps.threadsMax;
    if (isOneTooMany) continue;
    const expected = expectedMs(pool, held.claim.run.flow);
    const thread = threadFor(pool, expected);
    if (thread === undefined) return false;
    pool.backlog.splice(pool.backlog.indexOf(held), 1);
    charge(thread, expected);
    post(pool, held, { thread, expected });
  }
  return true;
}

function post(
  pool: Pool,
  held: HeldRun,
  { thread, expected }: { readonly thread: PoolThread; readonly expected: number | undefined },
): void {
  const slot = thread.freeSlots.pop();
  if (slot === undefined) {
    awaitThread(pool, held);
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
