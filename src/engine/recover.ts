import { advance, fits } from "../domain/advance.ts";
import type { FlowSpec } from "../domain/flow.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { Log } from "../log.ts";
import { listOpenChildren, listOpenTaskRuns, listRunsInFlight } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import { signalOf } from "./settle.ts";

// In: runs that were in flight when the daemon before this one died. Out: Crashed, or AwaitingRetry.

export interface RecoverDeps {
  readonly store: Store;
  readonly log: Log;
  readonly now: Instant;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
}

/** Ends what a dead daemon left in flight, so that its crash hooks ring. Answers how many runs that were. */
export async function recover(deps: RecoverDeps): Promise<number> {
  const { store, log } = deps;
  const runs = listRunsInFlight(store.reader);
  if (runs.length === 0) return 0;
  const message = messageFor(store.previousBoot?.lastSeenAt);
  await Promise.all(runs.map((run) => recoverRun(run, message, deps)));
  log.warn(
    `${runs.length === 1 ? "1 run was" : `${runs.length} runs were`} in flight when the daemon stopped`,
  );
  return runs.length;
}

function messageFor(lastSeenAt: Instant | undefined): string {
  const when = lastSeenAt === undefined ? "" : `, its last heartbeat at ${isoOf(lastSeenAt)}`;
  return `the daemon stopped${when}; the run was in flight`;
}

async function recoverRun(
  run: Run,
  message: string,
  { store, flowNamed, now }: RecoverDeps,
): Promise<void> {
  const crash = { type: "crash", message } as const;
  const tasks = listOpenTaskRuns(store.reader, run).filter((task) => fits(task, crash, now));
  const taskSteps = tasks.map((task) => store.saveTaskStep(run, advance(task, crash, now)));
  // A run that was being cancelled did not get to the end of it: that is a crash too.
  const signal =
    run.state.type === "CANCELLING"
      ? crash
      : signalOf(run, { type: "crashed", message }, { flow: flowNamed(run.flow), now, chance: 0 });
  for (const child of listOpenChildren(store.reader, run.id)) {
    const orphaned = { type: "cancel", message: "its parent run crashed" } as const;
    // A child that was in flight has crashed too, and is recovered by itself.
    if (child.state.type !== "SCHEDULED" && child.state.type !== "PAUSED") continue;
    await store.saveRunStep(advance(child, orphaned, now));
  }
  await Promise.all([...taskSteps, store.saveRunStep(advance(run, signal, now))]);
}
