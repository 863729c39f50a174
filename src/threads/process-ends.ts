import { durationInWords } from "../domain/duration.ts";
import type { Instant } from "../domain/instant.ts";
import { startLongTimer } from "../sdk/long-timer.ts";
import { closeTasks } from "./pool-ends.ts";
import type { Stopping } from "./pool-state.ts";
import type { Death } from "./process-link.ts";
import { memoryOf } from "./process-memory.ts";
import { outcomeOf } from "./process-outcome.ts";
import type { Attempt, Ended, Processes } from "./process-state.ts";

/** The body has ended: its child is told to go, and the run ends once it is gone and everything is heard. */
export function endWith(attempt: Attempt, ended: Ended): void {
  if (attempt.ended !== undefined) return;
  attempt.ended = ended;
  attempt.timer?.clear();
  lookAtMemory(attempt);
  attempt.link.end();
}

/** Notes how much memory the child uses; kills it when that is too much. */
export function lookAtMemory(attempt: Attempt): void {
  const { link, memoryLimitBytes } = attempt;
  const use = link.pid === undefined ? undefined : memoryOf(link.pid);
  if (use === undefined) return;
  attempt.peakBytes = Math.max(use.peakBytes, attempt.peakBytes ?? 0);
  if (memoryLimitBytes === undefined || use.bytes <= memoryLimitBytes) return;
  if (attempt.ended !== undefined) return;
  attempt.ateTooMuch = true;
  link.kill();
}

/** Arms the attempt's time limit, counted from its start. */
export function armTimeout(attempt: Attempt, startedAt: Instant): void {
  attempt.startedAt = startedAt;
  const { timeoutMs, graceMs } = attempt.claim;
  if (timeoutMs === undefined || attempt.stopping !== undefined) return;
  const left = Math.max(0, startedAt + timeoutMs - Date.now());
  const message = `timed out after ${durationInWords(timeoutMs)}`;
  attempt.timer = startLongTimer(left, () =>
    askToStop(attempt, { why: "timeout", message, graceMs }),
  );
}

/** Aborts the run's signal, and kills its process group when the grace is over. */
export function askToStop(
  attempt: Attempt,
  { why, message, graceMs }: Stopping & { readonly graceMs: number },
): void {
  if (attempt.ended !== undefined) return;
  if (attempt.stopping !== undefined && why !== "stop") return;
  attempt.stopping ??= { why, message };
  attempt.timer?.clear();
  attempt.link.post({ type: "abort", post: 1, message, graceMs });
  attempt.timer = startLongTimer(graceMs, () => attempt.link.kill());
}

/** The child is gone: reports the end of its run to the ledger, once, and forgets it. */
export function settle(processes: Processes, attempt: Attempt, death: Death): void {
  const { deps, held, finishing } = processes;
  const { runId, token } = attempt.claim;
  if (held.get(runId) !== attempt) return;
  held.delete(runId);
  attempt.timer?.clear();
  const outcome = outcomeOf(attempt, death);
  closeTasks(processes, attempt, outcome);
  const { startedAt = attempt.startedAt, endedAt = deps.clock() } = attempt.ended ?? {};
  const finish = deps.ledger
    .finish(runId, token, { outcome, endedAt, ...(startedAt === undefined ? {} : { startedAt }) })
    .then((answer) => {
      if (answer !== "accepted") deps.log.warn("A run's end was not wanted", { runId, answer });
    })
    .catch((error) => deps.log.error("Cannot record the end of a run", { runId, error }))
    .finally(() => finishing.delete(finish));
  finishing.add(finish);
  sayRoom(processes);
}

/** Asks for further offers, if one was not taken whole. */
export function sayRoom(processes: Processes): void {
  if (!processes.full || processes.stopping) return;
  processes.full = false;
  processes.deps.onRoom();
}
