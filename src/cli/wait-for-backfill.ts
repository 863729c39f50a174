import type { BackfillView } from "../domain/backfill.ts";
import { createProgress } from "./progress.ts";
import type { ScheduleClient } from "./schedule-client.ts";
import type { Session } from "./session.ts";
import { countsInWords } from "./show-backfill.ts";

const PAUSE_LEAST_MS = 50;
const PAUSE_MOST_MS = 2_000;

/** Shows how far a backfill has come, on a terminal, until all of its runs are over. */
export async function waitForBackfill(
  session: Session,
  client: ScheduleClient,
  { id }: BackfillView,
): Promise<BackfillView> {
  const progress = createProgress(session);
  let pauseMs = PAUSE_LEAST_MS;
  try {
    for (;;) {
      const backfill = await client.findBackfill(id);
      const { counts, status } = backfill;
      const isOpen = counts.waiting + counts.running > 0;
      if (status === "done" || (status === "cancelled" && !isOpen)) return backfill;
      progress.show(`${backfill.flow}: ${countsInWords(backfill)}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 1.5, PAUSE_MOST_MS);
    }
  } finally {
    progress.end();
  }
}
