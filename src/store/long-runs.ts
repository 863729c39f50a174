import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { Connection } from "./connection.ts";
import type { NewDelivery } from "./delivery-rows.ts";
import type { AfterCommit } from "./shelves.ts";
import type { StepTools } from "./steps.ts";

/** A run that has been running for longer than its flow expects, and when that was seen. */
export interface LongRun {
  readonly run: Run;
  readonly now: Instant;
}

/**
 * Rings the hooks of runs that go on for longer than expected, inside the caller's transaction: told of the
 * transition into RUNNING, once for each. A run that has moved on meanwhile rings nothing.
 */
export function ringLongRuns(
  connection: Connection,
  found: readonly LongRun[],
  { hooks, deliveries }: Pick<StepTools, "hooks" | "deliveries">,
): AfterCommit {
  const book = hooks();
  const rung = found.flatMap(({ run, now }): readonly NewDelivery[] => {
    const rings = book.ofLongRun(run);
    if (rings.length === 0) return [];
    const [row] = connection.all<{ seq: number }>(RUNNING_SEQ, [run.no, run.rev, run.state.at]);
    if (row === undefined) return [];
    const about = { seq: row.seq, runNo: run.no };
    return rings.map((ring) => ({ ring, about, at: now }));
  });
  return deliveries.insert(connection, rung);
}

const RUNNING_SEQ = `
  SELECT t.seq FROM run r JOIN transition t ON t.run_no = r.no AND t.task_no IS NULL AND t.type = 'RUNNING'
  WHERE r.no = ? AND r.rev = ? AND t.at = ?
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.seq = t.seq AND d.run_no = r.no AND d.moment = 'onRunningLong')
  ORDER BY t.seq DESC LIMIT 1`;
