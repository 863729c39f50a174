import type { BackfillView } from "../domain/backfill.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { patientWay } from "./patient-way.ts";
import { createProgress } from "./progress.ts";
import { scheduleClientOver } from "./schedule-client.ts";
import type { Session } from "./session.ts";
import { countsInWords } from "./show-backfill.ts";

const PAUSE_LEAST_MS = 50;
const PAUSE_MOST_MS = 2_000;
/** The daemon tries again each second: what has not gone away by then needs a person. */
const TRIES_MAX = 20;

/**
 * Shows how far a backfill has come, on a terminal, until all of its runs are over, also over a restart of the
 * daemon. Gives up where the daemon cannot make them.
 */
export async function waitForBackfill(
  session: Session,
  { id }: Pick<BackfillView, "id">,
): Promise<BackfillView> {
  const client = scheduleClientOver(await patientWay(session));
  const progress = createProgress(session);
  let pauseMs = PAUSE_LEAST_MS;
  try {
    for (;;) {
      const backfill = await client.findBackfill(id);
      if (isOver(backfill)) return backfill;
      refuseTrouble(backfill);
      progress.show(`${backfill.flow}: ${countsInWords(backfill)}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 1.5, PAUSE_MOST_MS);
    }
  } finally {
    progress.end();
  }
}

function isOver({ counts, status }: BackfillView): boolean {
  const isOpen = counts.waiting + counts.running + counts.paused > 0;
  return status === "done" || (status === "cancelled" && !isOpen);
}

function refuseTrouble({ id, trouble }: BackfillView): void {
  if (trouble === undefined || trouble.tries < TRIES_MAX) return;
  throw new CliFailure(
    `Cannot wait for backfill "${id}": its runs cannot be made: ${trouble.why}; tried ${trouble.tries} times, and goes on trying`,
    EXIT.failed,
  );
}
