/** What the order of first attempts is decided by. */
export interface Turn {
  readonly no: number;
  readonly hookNo: number;
  readonly attempts: number;
  readonly run: { readonly no: number };
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
    take({ no, hookNo, attempts, run }) {
      if (attempts > 0) return true;
      const turns = runs.get(run.no);
      if (turns === undefined) {
        runs.set(run.no, { ringing: new Set([no]), waiting: new Map() });
        return true;
      }
      const isFirst = Math.min(...turns.ringing) > no;
      waiting -= turns.waiting.size;
      if (isFirst) turns.ringing.add(no);
      else turns.waiting.set(no, hookNo);
      waiting += turns.waiting.size;
      return isFirst;
    },
    give({ no, attempts, run }) {
      const turns = attempts > 0 ? undefined : runs.get(run.no);
      if (turns === undefined) return new Set();
      turns.ringing.delete(no);
      if (turns.ringing.size > 0) return new Set();
      runs.delete(run.no);
      waiting -= turns.waiting.size;
      return new Set(turns.waiting.values());
    },
    waiting: () => waiting,
  };
}
