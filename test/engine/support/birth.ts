import { type RunId, systemRandom } from "../../../src/domain/ids.ts";
import { createOpenRuns } from "../../../src/engine/open-runs.ts";
import type { Store } from "../../../src/store/open-store.ts";

/** What tick and trigger make runs with; `cancelled` notes the runs that made way. */
export function birthOn(store: Store) {
  const cancelled: RunId[] = [];
  const cancel = (runId: RunId) => void cancelled.push(runId);
  return { store, random: systemRandom, openRuns: createOpenRuns(store), cancel, cancelled };
}
