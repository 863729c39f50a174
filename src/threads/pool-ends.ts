import { advance } from "../domain/advance.ts";
import { durationInWords } from "../domain/duration.ts";
import type { Outcome } from "../domain/executor.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import { isTerminal } from "../domain/state.ts";
import { startLongTimer } from "../sdk/long-timer.ts";
import { awaitThread } from "./pool-release.ts";
import type { HeldRun, Pool, PoolThread, Stopping } from "./pool-state.ts";
import { dropThread } from "./pool-threads.ts";
import { ownMemoryInWords } from "./process-memory.ts";

/** Why a run ends with the daemon. */
export const STOPPED = "the daemon stopped while the run was in flight";

interface Ended {
  readonly outcome: Outcome;
  readonly startedAt?: Instant;
  readonly endedAt: Instant;
}

/** Reports the end of a run to the ledger, once, and forgets it. */
export function settle(pool: Pool, held: HeldRun, ended: Ended): void {
  const { runId, token } = held.claim;
  if (pool.held.get(runId) !== held) return;
  pool.held.delete(runId);
  held.timer?.clear();
  vacate(held);
  closeTasks(pool, held, ended.outcome);
  const startedAt = ended.startedAt ?? held.startedAt;
  const finish = pool.deps.ledger
    .finish(runId, token, { ...ended, ...(startedAt === undefined ? {} : { startedAt }) })
    .then((answer) => {
      if (answer !== "accepted")
        pool.deps.log.warn("A run's end was not wanted", { runId, answer });
    })
    .catch((error) => pool.deps.log.error("Cannot record the end of a run", { runId, error }))
    .finally(() => pool.finishing.delete(finish));
  pool.finishing.add(finish);
}

/** Ends a run that did not get to answer. */
export function settleNow(pool: Pool, held: HeldRun, outcome: Outcome): void {
  settle(pool, held, { outcome, endedAt: now() });
}

/** Frees the run's place in its thread. */
function vacate(held: HeldRun): void {
  const { place } = held;
  held.place = undefined;
  if (place === undefined || !place.thread.posts.delete(place.post)) return;
  place.thread.board.release(place.slot);
  place.thread.freeSlots.push(place.slot);
}

/** Arms the attempt's time limit, counted from its start: once, whoever notices first that it has begun. */
export function armTimeout(pool: Pool, held: HeldRun, startedAt: Instant): void {
  held.startedAt = startedAt;
  const { timeoutMs, graceMs } = held.claim;
  if (timeoutMs === undefined || held.stopping !== undefined) return;
  held.timer?.clear();
  const left = Math.max(0, startedAt + timeoutMs - Date.now());
  const message = `timed out after ${durationInWords(timeoutMs)}`;
  held.timer = startLongTimer(left, () =>
    askToStop(pool, held, { why: "timeout", message, graceMs }),
  );
}

/** Aborts the run's signal, and terminates its thread when the grace is over. */
export function askToStop(
  pool: Pool,
  held: HeldRun,
  { why, message, graceMs }: Stopping & { readonly graceMs: number },
): void {
  if (held.place === undefined || (held.stopping !== undefined && why !== "stop")) return;
  held.stopping ??= { why, message };
  held.timer?.clear();
  const { thread, post } = held.place;
  thread.link.post({ type: "abort", post, message, graceMs });
  held.timer = startLongTimer(graceMs, () => void kill(pool, held));
}

/** Terminates the run's thread. Runs that were posted with it are given to others. */
export async function kill(pool: Pool, held: HeldRun): Promise<void> {
  const thread = held.place?.thread;
  if (thread === undefined || !pool.threads.has(thread)) return;
  const dropped = dropThread(pool, thread);
  abandon(pool, thread, held);
  const how = await dropped;
  const { why, message } = held.stopping ?? { why: "stop", message: STOPPED };
  const end =
    how === "stopped"
      ? "its thread was terminated"
      : "the thread could not be stopped and was written off";
  settleNow(pool, held, stoppedOutcome({ why, message: `${message}; ${end}` }));
  pool.ears.batchEnd(thread);
}

/** Settles or takes back every run of a thread that is gone, but one. */
export function abandon(pool: Pool, thread: PoolThread, except?: HeldRun): void {
  for (const held of [...thread.posts.values()]) {
    if (held === except || held.place === undefined) continue;
    const { slot } = held.place;
    if (thread.board.revoke(slot)) putBack(pool, held);
    else settleNow(pool, held, lostOutcome(thread.board.fate(slot), held));
  }
}

/** Lets a run that has not begun wait for another thread. */
export function putBack(pool: Pool, held: HeldRun): void {
  const { place } = held;
  held.place = undefined;
  if (place?.thread.posts.delete(place.post) === true) {
    place.thread.passing.set(place.post, place.slot);
  }
  awaitThread(pool, held);
}

/** The outcome of a run whose thread is gone, and perhaps its report with it. */
function lostOutcome(
  fate: "not-begun" | "running" | "completed" | "ended",
  held: HeldRun,
): Outcome {
  if (fate === "completed") {
    return {
      type: "completed",
      note: "Cannot keep the result, if there was one: the thread died before it could report",
    };
  }
  if (held.stopping !== undefined) return stoppedOutcome(held.stopping);
  const message = `the thread died before it could report (${ownMemoryInWords()})`;
  return { type: "crashed", message };
}

/** The outcome of a run that has ended after it was asked to stop. */
export function stoppedOutcome({ why, message }: Stopping): Outcome {
  switch (why) {
    case "timeout":
      return { type: "timed-out", message };
    case "cancel":
      return { type: "cancelled", message };
    case "stop":
      return { type: "crashed", message };
  }
}

/** Task runs that are still open end with the run. */
export function closeTasks(
  pool: { readonly deps: Pick<Pool["deps"], "ledger"> },
  held: Pick<HeldRun, "claim" | "openTasks">,
  outcome: Outcome,
): void {
  const open = [...(held.openTasks?.values() ?? [])];
  if (open.length === 0) return;
  const { runId, token } = held.claim;
  const steps = open.flatMap((task) =>
    outcome.type === "cancelled" || outcome.type === "paused"
      ? cancelled(task, outcome.message)
      : [crashed(task, outcome)],
  );
  pool.deps.ledger.tasks(runId, token, steps);
}

function cancelled(task: TaskRun, message: string): readonly Transition<TaskRun>[] {
  const at = now();
  const first = advance(task, { type: "cancel", message }, at);
  if (isTerminal(first.after.state.type)) return [first];
  return [first, advance(first.after, { type: "cancelled", message }, at)];
}

function crashed(task: TaskRun, outcome: Outcome): Transition<TaskRun> {
  const message =
    outcome.type === "completed" || outcome.type === "failed"
      ? "the flow ended before the task did"
      : outcome.message;
  return advance(task, { type: "crash", message }, now());
}

function now(): Instant {
  return instant(Date.now());
}
