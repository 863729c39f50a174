import type { Instant } from "../../src/domain/instant.ts";
import { hasBegun } from "../../src/domain/overlap.ts";
import type { Run } from "../../src/domain/run.ts";

/** Of runs of which no executor has any: those that are due, and that nothing stands before. */
export function waitingInVain(open: readonly Run[], now: Instant): readonly Run[] {
  const keepers = open.filter((run) => run.state.type === "PAUSED" || hasBegun(run));
  return open.filter(
    (run) => isDue(run, now) && !keepers.some((keeper) => standsBefore(keeper, run)),
  );
}

function isDue({ state }: Run, now: Instant): boolean {
  return state.type === "SCHEDULED" && state.dueAt <= now;
}

/** Whether one that goes on later keeps the other waiting. */
function standsBefore(keeper: Run, { id, flow, exclusive, state }: Run): boolean {
  const slot = state.type === "SCHEDULED" ? state.slot : undefined;
  return (
    keeper.id !== id &&
    keeper.flow === flow &&
    keeper.exclusive &&
    exclusive &&
    slot === `overlap:${flow}`
  );
}
