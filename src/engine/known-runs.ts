import type { RunId } from "../domain/ids.ts";
import type { Run } from "../domain/run.ts";
import { listRunsById } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";

/** Runs that are remembered, at the most: about as many kilobytes of memory. */
const RUNS_MAX = 16_384;

/** Runs that wait to be started, as they were last saved: most are claimed soon, and need not be read again. */
export interface KnownRuns {
  /** Told of each step of a run that has been committed. */
  moved(run: Run): void;
  /** Those of these runs that exist, as they are in the store. */
  read(ids: readonly RunId[]): readonly Run[];
}

export function createKnownRuns({ reader }: Pick<Store, "reader">): KnownRuns {
  const waiting = new Map<RunId, Run>();
  return {
    moved(run) {
      const { id, state } = run;
      if (state.type !== "SCHEDULED") waiting.delete(id);
      else if (waiting.size < RUNS_MAX || waiting.has(id)) waiting.set(id, run);
    },
    read(ids) {
      const others = ids.filter((id) => !waiting.has(id));
      const read = listRunsById(reader, others);
      return [...ids.flatMap((id) => waiting.get(id) ?? []), ...read];
    },
  };
}
