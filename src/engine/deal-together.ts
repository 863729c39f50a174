import type { Run } from "../domain/run.ts";
import { type DealMoment, deal } from "./deal.ts";
import type { Entry } from "./schedule-entries.ts";

/**
 * Deals with schedules that are due at once, in one turn: they look for open runs together, share a commit, and
 * their runs are offered together. Answers what went wrong with single ones.
 */
export async function dealTogether(
  entries: readonly Entry[],
  moment: DealMoment,
): Promise<readonly unknown[]> {
  const { openRuns } = moment;
  const born: Run[] = [];
  const of = entries.length > 1 ? openRuns.ofMany(entries.map(({ flow }) => flow)) : openRuns.of;
  const dealt = entries.map((entry) =>
    deal(entry, {
      ...moment,
      openRuns: { ...openRuns, of },
      onBorn: (runs) => void born.push(...runs),
    }),
  );
  if (born.length > 0) moment.onBorn(born.toSorted((a, b) => b.priority - a.priority));
  const ends = await Promise.allSettled(dealt);
  return ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
}
