import type { RunView } from "../../domain/run-view.ts";
import type { FlowView } from "../../http/flow-view.ts";
import { ask, tell } from "./ask.ts";
import { expectMark } from "./expected.ts";
import { order, trigger } from "./flow-actions.ts";
import { bump } from "./live.ts";
import { confirmed, type Deed, notify, perform } from "./notices.ts";
import { plural } from "./words.ts";

type Named = Pick<RunView, "id" | "name" | "state">;

const MARKS = {
  cancel: { type: "CANCELLING", name: "Cancelling" },
  retry: { type: "SCHEDULED", name: "Retrying" },
  resume: { type: "SCHEDULED", name: "Resuming" },
} as const;

/** Shows at once what will be, and takes it back if it will not. */
async function act(run: Named, action: keyof typeof MARKS, deed: Omit<Deed, "path">) {
  const takeBack = expectMark(run.id, run.state.at, MARKS[action]);
  const answer = await perform({ path: pathOf(run, action), ...deed });
  if (!answer.ok) takeBack();
  return answer.ok;
}

/** What a cancelled run did not do cannot be brought back: somebody must say so twice. */
export async function cancelRun(run: Named): Promise<void> {
  const isSure = await confirmed({
    title: "Cancel this run?",
    text: `${run.name} is asked to stop, and stopped if it does not.`,
    action: "Cancel the run",
  });
  if (isSure) await act(run, "cancel", { done: `${run.name} is cancelled` });
}

/** Executes a run again; that can be stopped at once. */
export async function retryRun(run: Named): Promise<void> {
  const undo = {
    label: "Cancel it",
    run: () => void perform({ path: pathOf(run, "cancel"), done: `${run.name} is cancelled` }),
  };
  await act(run, "retry", { done: `${run.name} is executed again`, undo });
}

/** A new run with the parameters of one that was: they are shown and can be changed where there is a form. */
export async function runAgain({ flow, parameters, tags }: RunView): Promise<void> {
  const answer = await ask<FlowView>(`/api/flows/${encodeURIComponent(flow)}`);
  if (!answer.ok) {
    notify({ text: answer.message, isBad: true });
    return;
  }
  const own = tags.filter((tag) => !answer.value.tags.includes(tag));
  if (answer.value.parametersSchema === undefined) {
    await trigger(flow, { parameters, ...(own.length === 0 ? {} : { tags: own }) });
  } else order.value = { flow: answer.value, parameters };
}

export async function resumeRun(run: Named, input: unknown): Promise<boolean> {
  const body = input === undefined ? {} : { input };
  return await act(run, "resume", { body, done: `${run.name} goes on` });
}

/** Does the same to many runs, a few at a time, and says how many of them it could not be done to. */
export async function eachRun(runs: readonly Named[], action: "cancel" | "retry"): Promise<void> {
  const title = action === "cancel" ? "Cancel these runs?" : "Execute these runs again?";
  const isSure = await confirmed({
    title,
    text: `${plural(runs.length, "run")}: ${runs
      .slice(0, 3)
      .map(({ name }) => name)
      .join(", ")}${runs.length > 3 ? " …" : ""}`,
    action: action === "cancel" ? "Cancel them" : "Retry them",
  });
  if (!isSure) return;
  const waiting = [...runs];
  const failures: string[] = [];
  const work = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const takeBack = expectMark(run.id, run.state.at, MARKS[action]);
      const answer = await tell(pathOf(run, action));
      if (answer.ok) continue;
      takeBack();
      failures.push(answer.message);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  const done = plural(runs.length - failures.length, "run");
  const what = action === "cancel" ? "cancelled" : "executed again";
  const left = failures.length === 0 ? "" : `; ${failures.length} could not be: ${failures[0]}`;
  notify({ text: `${done} ${what}${left}`, isBad: failures.length > 0 });
  bump();
}

function pathOf({ id }: Named, action: string): string {
  return `/api/runs/${encodeURIComponent(id)}/${action}`;
}
