import type { Executor, Offer } from "../domain/executor.ts";
import type { RunId, SlotName } from "../domain/ids.ts";
import { type Clock, type Instant, later } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { Slots } from "../domain/slots.ts";
import {
  listAwaitedSlots,
  listDueRuns,
  listPriorities,
  listWaitingRuns,
  nextRunDueAt,
} from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { EngineLedger } from "./ledger.ts";
import { onceATurn } from "./once-a-turn.ts";

// In: runs in Scheduled whose time has come. Out: offers to the executor, which claims what it takes.

const OFFERS_MAX = 512;
/** They are read at every pass, those that find no room as well. */
const URGENT_MAX = 64;
/** How soon it is looked again where there was no room, whatever happens. */
const FULL_MS = 1_000;
/** How many runs may wait for room of their kind before nobody is looked for behind them. */
const WAITING_MAX = 2_048;

export interface Dispatch {
  /** Offers what is due; answers when the next run will be. Woken by new runs, by room, by ended runs. */
  pass(): Instant | undefined;
  /**
   * Offers runs that are being saved in this very turn, so that creation and claim share one commit. Those
   * that find no room, or would overtake others, are found by the pass that follows the commit.
   */
  offerBorn(runs: readonly Run[]): void;
  /** Told of each step of a run that has been committed: who waits is looked for by priority. */
  moved(run: Run): void;
  /** Slots have room: who waits for them is offered soon. */
  freed(slots: readonly SlotName[]): void;
  /** The limits have changed: everyone who waits for a slot is looked at again. */
  reconsider(): void;
  /** Offers nothing from now on. */
  drain(): void;
}

export interface DispatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly executor: Pick<Executor, "offer">;
  readonly ledger: Pick<EngineLedger, "isHeld" | "expectBorn">;
  readonly slots: Pick<Slots, "room">;
  /** Whether this daemon is to start the run at all. */
  readonly mayStart: (runId: RunId) => boolean;
  /** Asks for a pass. */
  readonly wake: () => void;
}

export function createDispatch(deps: DispatchDeps): Dispatch {
  return new OfferingDispatch(deps);
}

class OfferingDispatch implements Dispatch {
  readonly #deps: DispatchDeps;
  /** Due runs that have been read and found no room yet: they are not read again at every pass. */
  #waiting: readonly Offer[] = [];
  #hasMore = false;
  /** There is no room for anybody; otherwise those that wait do so for room of their own kind. */
  #full = false;
  #draining = false;
  /** Once for all that is told in one commit, and when all of it has been told. */
  readonly #wakeSoon: () => void;
  readonly #freed = new Set<SlotName>();
  /** Slots that some run may be waiting for: the others are not looked into when they are given back. */
  readonly #awaited = new Set<SlotName>();
  readonly #priorities: Set<number>;
  /** Child runs that wait. In memory only: after a restart no parent waits for any. */
  readonly #children = new Map<RunId, Offer & { readonly dueAt: Instant }>();

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
    this.#wakeSoon = onceATurn(deps.wake);
    this.#priorities = new Set(listPriorities(deps.store.reader));
    this.reconsider();
  }

  pass(): Instant | undefined {
    if (this.#draining) return undefined;
    const { store, clock } = this.#deps;
    const now = clock();
    this.#offerChildren(now);
    this.#offerUrgent(now);
    this.#offerFreed();
    let waited = -1;
    // Those that wait for room of their kind are read past: there may be others behind them.
    while (this.#offerWaiting() && this.#waiting.length > waited) {
      waited = this.#waiting.length;
      this.#readMore(now);
    }
    // Without room nobody is waited for: whoever makes room asks for a pass.
    if (this.#full) return later(now, FULL_MS);
    return nextRunDueAt(store.reader, { now, priorities: this.#ordered() });
  }

  offerBorn(runs: readonly Run[]): void {
    const { clock, executor, ledger } = this.#deps;
    for (const { priority } of runs) this.#priorities.add(priority);
    const now = clock();
    const due = runs.filter(({ state }) => state.type === "SCHEDULED" && state.dueAt <= now);
    const overtakes = this.#full || this.#hasMore;
    if (this.#draining || overtakes || due.length === 0) return;
    ledger.expectBorn(due);
    const offers = due.map(({ id, flow, parent }) => ({
      runId: id,
      flow,
      ...(parent === undefined ? {} : { child: true }),
    }));
    executor.offer(offers);
  }

  moved({ id, flow, parent, priority, state }: Run): void {
    if (state.type === "SCHEDULED") this.#priorities.add(priority);
    if (state.type === "SCHEDULED" && state.slot !== undefined) this.#awaited.add(state.slot);
    const isWaiting = state.type === "SCHEDULED" && state.slot === undefined;
    // Only now can a pass see it: one that was asked for before has looked too early.
    if (isWaiting && !this.#deps.ledger.isHeld(id)) this.#wakeSoon();
    if (parent === undefined) return;
    if (isWaiting) this.#children.set(id, { runId: id, flow, child: true, dueAt: state.dueAt });
    else this.#children.delete(id);
  }

  freed(slots: readonly SlotName[]): void {
    const awaited = slots.filter((slot) => this.#awaited.has(slot));
    if (awaited.length === 0) return;
    for (const slot of awaited) this.#freed.add(slot);
    this.#wakeSoon();
  }

  reconsider(): void {
    for (const slot of listAwaitedSlots(this.#deps.store.reader)) {
      this.#awaited.add(slot);
      this.#freed.add(slot);
    }
  }

  drain(): void {
    this.#draining = true;
  }

  /** A parent waits for each of them, in a thread: they go before everybody else. */
  #offerChildren(now: Instant): void {
    const due = [...this.#children.values()].filter(({ dueAt }) => dueAt <= now);
    const offers = this.#startable(due);
    if (offers.length > 0) this.#deps.executor.offer(offers);
  }

  /**
   * Due runs of more than the least priority go before those that were read when they were not there yet, and
   * before those that waited for a slot.
   */
  #offerUrgent(now: Instant): void {
    const priorities = this.#ordered().slice(0, -1);
    if (priorities.length === 0) return;
    const { store, executor } = this.#deps;
    const due = listDueRuns(store.reader, { now, limit: URGENT_MAX, priorities });
    const offers = this.#startable(due);
    if (offers.length > 0) executor.offer(offers);
  }

  /** Who waits for a slot that has room goes before those who have just become due. */
  #offerFreed(): void {
    for (const slot of [...this.#freed]) {
      const limit = Math.min(this.#deps.slots.room(slot), OFFERS_MAX);
      if (limit <= 0 || !this.#offerWaitingFor(slot, limit)) this.#freed.delete(slot);
    }
  }

  /** Answers whether some may be left that would find room. */
  #offerWaitingFor(slot: SlotName, limit: number): boolean {
    const { store, executor } = this.#deps;
    const waiting = listWaitingRuns(store.reader, { slot, limit });
    if (waiting.length === 0) this.#awaited.delete(slot);
    const offers = this.#startable(waiting);
    const left = offers.length === 0 ? [] : executor.offer(offers).left;
    return left.length > 0 || offers.length >= limit;
  }

  /** Offers what has been read; answers whether others than those that are left would find room. */
  #offerWaiting(): boolean {
    const nobody = { left: [], full: false };
    const waiting = this.#waiting;
    const { left, full } = waiting.length === 0 ? nobody : this.#deps.executor.offer(waiting);
    this.#waiting = left;
    this.#full = full || left.length >= WAITING_MAX;
    return !this.#full;
  }

  /** Reads on behind those that wait already. */
  #readMore(now: Instant): void {
    const limit = OFFERS_MAX + this.#waiting.length;
    const query = { now, limit, priorities: this.#ordered() };
    const due = listDueRuns(this.#deps.store.reader, query);
    this.#hasMore = due.length === limit;
    this.#waiting = this.#startable(due);
  }

  #startable(due: readonly Offer[]): readonly Offer[] {
    const { ledger, mayStart } = this.#deps;
    return due.filter(({ runId }) => !ledger.isHeld(runId) && mayStart(runId));
  }

  #ordered(): readonly number[] {
    return [...this.#priorities].sort((a, b) => b - a);
  }
}
