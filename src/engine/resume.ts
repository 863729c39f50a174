import { advance, fits } from "../domain/advance.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import { saveResumeInput } from "../store/kept-results.ts";
import { listOverduePauses, listRunsById, nextPauseEnd } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { RerunAnswer, ResumeAnswer } from "./commands.ts";

// In: runs that wait for a person, or are over. Out: Scheduled again, or failed when nobody came.

export interface ResumeDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  /** Told of runs that may be started again. */
  readonly onScheduled: (run: Run) => void;
}

/** Lets a paused run go on: its body is executed again, and its `pause` call answers with the input. */
export async function resumeRun(run: Run, input: Json, deps: ResumeDeps): Promise<ResumeAnswer> {
  const { store, clock } = deps;
  const [current] = listRunsById(store.reader, [run.id]);
  if (current?.state.type !== "PAUSED") return "not-paused";
  const { call } = current.state.pause;
  const step = advance(current, { type: "resume", dueAt: clock() }, clock());
  const saved = await store.saveRunStep(step, (connection) =>
    saveResumeInput(connection, current, { call, input }),
  );
  if (saved === "stale") return "not-paused";
  deps.onScheduled(step.after);
  return "resumed";
}

/** Executes a run that is over again, as a further attempt of the same run. */
export async function rerun(run: Run, deps: ResumeDeps): Promise<RerunAnswer> {
  const { store, clock, flowNamed } = deps;
  if (flowNamed(run.flow) === undefined) return "no-such-flow";
  const [current] = listRunsById(store.reader, [run.id]);
  const now = clock();
  const signal = { type: "rerun", dueAt: now, message: "asked for again" } as const;
  if (current === undefined || !fits(current, signal, now)) return "not-over";
  const step = advance(current, signal, now);
  if ((await store.saveRunStep(step)) === "stale") return "not-over";
  deps.onScheduled(step.after);
  return "scheduled";
}

/** Fails the paused runs that nobody resumed in time; answers when the next one's time is over. */
export async function endOverduePauses({ store, clock }: ResumeDeps): Promise<Instant | undefined> {
  const now = clock();
  const message = "nobody resumed it in time";
  const error = { name: "TimedOut", message };
  const overdue = listOverduePauses(store.reader, now);
  await Promise.all(
    overdue.map((run) =>
      store.saveRunStep(advance(run, { type: "time-out", error, message }, now)),
    ),
  );
  return nextPauseEnd(store.reader, now);
}
