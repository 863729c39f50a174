import type { Executor, Offer } from "../domain/executor.ts";
import type { RunId } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { listDueRuns, nextRunDueAt } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { EngineLedger } from "./ledger.ts";

// In: runs in Scheduled whose time has come. Out: offers to the executor, which claims what it takes.

const OFFERS_MAX = 512;

export interface Dispatch {
  /** Offers what is due; answers when the next run will be. Woken by new runs, by room, by ended runs. */
  pass(): Instant | undefined;
  /**
   * Offers runs that are being saved in this very turn, so that creation and claim share one commit. Those
   * that find no room, or would overtake others, are found by the next pass.
   */
  offerBorn(runs: readonly Run[]): void;
  /** Offers nothing from now on. */
  drain(): void;
}

export interface DispatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly executor: Pick<Executor, "offer">;
  readonly ledger: Pick<EngineLedger, "isHeld" | "expectBorn">;
  /** Whether this daemon is to start the run at all. */
  readonly mayStart: (runId: RunId) => boolean;
  /** Asks for a pass. */
  readonly wake: () => void;
}

export function createDispatch(deps: DispatchDeps): Dispatch {
  const { store, clock, executor, ledger, mayStart } = deps;
  let draining = false;
  // Due runs that have been read and found no room yet: they are not read again at every pass.
  let waiting: readonly Offer[] = [];
  let hasMore = false;

  function offerWaiting(): void {
    const taken = waiting.length === 0 ? 0 : executor.offer(waiting);
    waiting = taken === 0 ? waiting : waiting.slice(taken);
  }
  function readMore(now: Instant): void {
    const due = listDueRuns(store.reader, now, OFFERS_MAX);
    hasMore = due.length === OFFERS_MAX;
    waiting = due.filter(({ runId }) => !ledger.isHeld(runId) && mayStart(runId));
  }

  return {
    pass() {
      if (draining) return undefined;
      const now = clock();
      offerWaiting();
      if (waiting.length === 0) {
        readMore(now);
        offerWaiting();
      }
      return nextRunDueAt(store.reader, now);
    },
    offerBorn(runs) {
      const now = clock();
      const due = runs.filter(({ state }) => state.type === "SCHEDULED" && state.dueAt <= now);
      const overtakes = waiting.length > 0 || hasMore;
      if (draining || overtakes || due.length < runs.length) return deps.wake();
      ledger.expectBorn(due);
      const offers = due.map(({ id, flow }) => ({ runId: id, flow }));
      if (executor.offer(offers) < offers.length) deps.wake();
    },
    drain() {
      draining = true;
    },
  };
}
