import type { Run, TaskRun, Transition } from "../domain/run.ts";
import { isTerminal } from "../domain/state.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/open-store.ts";
import { saveEnd } from "./save-end.ts";

interface EndDeps {
  readonly store: Store;
  readonly log: Log;
}

/** Saves the step that ends an attempt. Answers the run as it is then, and whether that was saved. */
export async function endRun(
  { store, log }: EndDeps,
  step: Transition<Run>,
): Promise<{ readonly run: Run; readonly isSaved: boolean }> {
  const { id } = step.after;
  try {
    const { saved, after, refused } = await saveEnd(step, (one) => store.saveRunStep(one));
    if (refused !== undefined)
      log.error(
        `Cannot save all of how run "${id}" ended: it is recorded as ${after.state.name} (${refused})`,
      );
    if (saved === "stale") log.warn(`Run "${id}" was moved by somebody else: its end is dropped`);
    return { run: after, isSaved: saved === "saved" };
  } catch (error) {
    log.error(`Cannot save the end of run "${id}": it stays open until the next start`, { error });
    return { run: step.after, isSaved: false };
  }
}

/** Saves a step of a task run as its thread reported it; nobody waits for it. */
export async function saveTask(
  { store, log }: EndDeps,
  run: Run,
  step: Transition<TaskRun>,
): Promise<void> {
  const { id, state } = step.after;
  const save = (one: Transition<TaskRun>) => store.saveTaskStep(run, one);
  try {
    await (isTerminal(state.type) ? saveEnd(step, save) : save(step));
  } catch (error) {
    log.error(`Cannot save a step of task run "${id}"`, { error });
  }
}
