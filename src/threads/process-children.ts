import type { Offer } from "../domain/executor.ts";
import { sayRoom } from "./process-ends.ts";
import type { Attempt, Processes } from "./process-state.ts";

/** Attempts that may wait for child runs at once, at least: each keeps a process beyond their number. */
const WAITING_MAX = 64;

/** Attempts that wait for child runs. */
export function waitingParents({ held }: Processes): number {
  let waiting = 0;
  for (const { children } of held.values()) if (children > 0) waiting += 1;
  return waiting;
}

/**
 * How many more parents may begin. One that waits takes up no place, so each would make room for another;
 * children themselves always may, or their parents would wait for ever.
 */
export function roomForParents({ held, claiming, parents, deps }: Processes): number {
  let underWay = 0;
  for (const { claim } of held.values()) {
    if (claim.run.parent === undefined && parents.has(claim.run.flow)) underWay += 1;
  }
  for (const { isParent } of claiming.values()) if (isParent) underWay += 1;
  return deps.processesMax - underWay;
}

/** Whether the run is expected to wait for child runs, and no other waits for it. */
export function isParentOffer({ parents }: Processes, { flow, child }: Offer): boolean {
  return child !== true && parents.has(flow);
}

/** Asks while the attempt's process takes up no place. */
export async function whileItWaits<Answer>(
  processes: Processes,
  attempt: Attempt,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const { flow } = attempt.claim.run;
  processes.parents.add(flow);
  const waiting = waitingParents(processes);
  if (attempt.children === 0 && waiting >= Math.max(WAITING_MAX, 2 * processes.deps.processesMax)) {
    const why = `${waiting} runs in processes wait for child runs already`;
    throw new Error(`Cannot run a child of flow "${flow}": ${why}; give it a lower concurrency`);
  }
  attempt.children += 1;
  sayRoom(processes);
  try {
    return await ask();
  } finally {
    attempt.children -= 1;
  }
}
