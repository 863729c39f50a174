import type { Executor } from "../domain/executor.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import { listDueRuns, nextRunDueAt } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { EngineLedger } from "./ledger.ts";

// In: runs in Scheduled whose time has come. Out: offers to the executor, which claims what it takes.

const OFFERS_MAX = 512;

export interface Dispatch {
  /** Offers what is due; answers when the next run will be. Woken by new runs, by room, by ended runs. */
  pass(): Instant | undefined;
  /** Offers nothing from now on. */
  drain(): void;
}

export interface DispatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly executor: Pick<Executor, "offer">;
  readonly ledger: Pick<EngineLedger, "isHeld">;
}

export function createDispatch({ store, clock, executor, ledger }: DispatchDeps): Dispatch {
  let draining = false;
  return {
    pass() {
      if (draining) return undefined;
      const now = clock();
      const due = listDueRuns(store.reader, now, OFFERS_MAX).filter(
        ({ runId }) => !ledger.isHeld(runId),
      );
      if (due.length > 0) executor.offer(due);
      return nextRunDueAt(store.reader, now);
    },
    drain() {
      draining = true;
    },
  };
}
