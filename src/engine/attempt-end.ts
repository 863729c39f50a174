import { advance, fits } from "../domain/advance.ts";
import type { Outcome } from "../domain/executor.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run, TaskRun, Transition } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";

const LINE_MAX = 200;

/** A crash leaves no error behind, so what the attempt said last stands in its place. */
export function withLastLine(outcome: Outcome, line: string | undefined): Outcome {
  if (outcome.type !== "crashed" || line === undefined || outcome.message.includes(line))
    return outcome;
  const shown = line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line;
  return { ...outcome, message: `${outcome.message}; its last log line: ${JSON.stringify(shown)}` };
}

/**
 * What an attempt leaves open ends with it: a crash takes its tasks along, a cancelled run cancels them. Answers
 * the steps of each task run in turn.
 */
export function endsOfTasks(
  run: Run,
  tasks: Iterable<TaskRun>,
  { outcome, now }: { readonly outcome: Outcome; readonly now: Instant },
): readonly Transition<TaskRun>[] {
  const signals = endSignals(run, outcome);
  return [...tasks].flatMap((task) => {
    let current = task;
    return signals.flatMap((signal) => {
      if (!fits(current, signal, now)) return [];
      const step = advance(current, signal, now);
      current = step.after;
      return [step];
    });
  });
}

/** Each task run gets those that fit it. */
function endSignals(run: Run, outcome: Outcome): readonly Signal[] {
  const message = "message" in outcome ? outcome.message : "the run ended before the task did";
  if (
    run.state.type === "CANCELLING" ||
    outcome.type === "cancelled" ||
    outcome.type === "completed"
  ) {
    return [
      { type: "cancel", message },
      { type: "cancelled", message },
    ];
  }
  return [{ type: "crash", message }];
}
