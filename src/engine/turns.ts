import type { DueDelivery } from "../store/due-deliveries.ts";

/** What the order of first attempts is decided by. */
export interface Turn {
  readonly no: number;
  readonly hookNo: number;
  readonly attempts: number;
  /** Undefined for what belongs to no run: it waits for nobody. */
  readonly runNo: number | undefined;
}

export function turnOf({ no, hookNo, attempts, about }: DueDelivery): Turn {
  return { no, hookNo, attempts, runNo: about.kind === "run" ? about.run.no : undefined };
}

/**
 * First attempts go out per run in order: a delivery waits while an earlier one of its run is having its
 * first attempt, and no longer. Later attempts wait for nobody.
 */
export interface Turns {
  /** Whether the delivery may be rung now; if so, it has its turn until it gives it back. */
  take(delivery: Turn): boolean;
  /** Gives the turn back; answers the hooks whose deliveries were waiting for it. */
  give(delivery: Turn): ReadonlySet<number>;
  /** How many deliveries have been told to wait, at most. */
  waiting(): number;
}

interface RunTurns {
  readonly ringing: Set<number>;
  readonly waiting: Map<number, number>;
}

export function createTurns(): Turns {
  const runs = new Map<number, RunTurns>();
  let waiting = 0;
  return {
    take({ no, hookNo, attempts, runNo }) {
      if (attempts > 0 || runNo === undefined) return true;
      const turns = runs.get(runNo);
      if (turns === undefined) {
        runs.set(runNo, { ringing: new Set([no]), waiting: new Map() });
        return true;
      }
      const isFirst = Math.min(...turns.ringing) > no;
      waiting -= turns.waiting.size;
      if (isFirst) turns.ringing.add(no);
      else turns.waiting.set(no, hookNo);
      waiting += turns.waiting.size;
      return isFirst;
    },
    give({ no, attempts, runNo }) {
      const turns = attempts > 0 || runNo === undefined ? undefined : runs.get(runNo);
      if (turns === undefined || runNo === undefined) return new Set();
      turns.ringing.delete(no);
      if (turns.ringing.size > 0) return new Set();
      runs.delete(runNo);
      waiting -= turns.waiting.size;
      return new Set(turns.waiting.values());
    },
    waiting: () => waiting,
  };
}
