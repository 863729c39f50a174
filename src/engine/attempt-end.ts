import type { Outcome } from "../domain/executor.ts";
import type { Run } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";

const LINE_MAX = 200;

/** A crash leaves no error behind, so what the attempt said last stands in its place. */
export function withLastLine(outcome: Outcome, line: string | undefined): Outcome {
  if (outcome.type !== "crashed" || line === undefined || outcome.message.includes(line))
    return outcome;
  const shown = line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line;
  return { ...outcome, message: `${outcome.message}; its last log line: ${JSON.stringify(shown)}` };
}

/** The signals that end the task runs which an attempt leaves open: each gets those that fit it. */
export function endsOfTasks(run: Run, outcome: Outcome): readonly Signal[] {
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
