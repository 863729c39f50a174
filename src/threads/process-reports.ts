import type { LogLine } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import { followTasks } from "./pool-reports.ts";
import { whileItWaits } from "./process-children.ts";
import { armTimeout, endWith } from "./process-ends.ts";
import type { MessageFromChild } from "./process-messages.ts";
import type { Attempt, Processes } from "./process-state.ts";

type Message<Type extends MessageFromChild["type"]> = Extract<
  MessageFromChild,
  { readonly type: Type }
>;

/** What is done about what a child says. */
export function hear(processes: Processes, attempt: Attempt, message: MessageFromChild): void {
  const { runId, token, run } = attempt.claim;
  const { ledger, log } = processes.deps;
  switch (message.type) {
    case "started":
      ledger.started(runId, token, message.at);
      armTimeout(attempt, message.at);
      break;
    case "log":
      keepLines(processes, attempt, message.lines);
      break;
    case "tasks":
      followTasks(attempt, message.transitions);
      ledger.tasks(runId, token, message.transitions);
      break;
    case "finished": {
      const { outcome, startedAt, endedAt } = message;
      endWith(attempt, { outcome, endedAt, ...(startedAt === undefined ? {} : { startedAt }) });
      break;
    }
    case "output":
      for (const { level, text } of message.lines) log[level](text, { from: "config", run: runId });
      break;
    case "request":
      void answer(processes, attempt, message);
      break;
    case "exiting":
    case "late-error":
    case "unready":
    case "gone":
      endWith(attempt, {
        outcome: { type: "crashed", ...crashOf(message, run.flow) },
        endedAt: processes.deps.clock(),
      });
      break;
    default:
  }
}

/** Keeps log lines, and the last of them for the report of a crash. */
export function keepLines({ deps }: Processes, attempt: Attempt, lines: readonly LogLine[]): void {
  const { runId, token } = attempt.claim;
  attempt.lastLine = lines.at(-1) ?? attempt.lastLine;
  deps.ledger.log(runId, token, lines);
}

function crashOf(
  message: Message<"exiting"> | Message<"late-error"> | Message<"unready"> | Message<"gone">,
  flow: string,
) {
  switch (message.type) {
    case "exiting": {
      const who = message.task === undefined ? `flow "${flow}"` : `task "${message.task}"`;
      return { message: `${who} called process.exit(${message.code})` };
    }
    case "late-error": {
      const { error } = message;
      return { message: `an error that nobody caught: ${error.message}`, error };
    }
    case "unready": {
      const why = message.problems.map(({ message: text, at }) =>
        at === undefined ? text : `${text} (${at})`,
      );
      return { message: `Cannot start flow "${flow}": ${why.join("; ")}` };
    }
    case "gone": {
      const { code, error } = message.gone;
      if (error === undefined) return { message: `its thread exited with code ${code}` };
      return { message: `its thread died: ${error.message}`, error };
    }
  }
}

async function answer(
  processes: Processes,
  attempt: Attempt,
  { id, request }: Message<"request">,
): Promise<void> {
  const { claim, link } = attempt;
  const ask = () => processes.deps.answerRequest(request, { run: claim.runId });
  try {
    const value = await (request.kind === "child-run"
      ? whileItWaits(processes, attempt, ask)
      : ask());
    link.post({ type: "answer", id, value });
  } catch (error) {
    link.post({ type: "answer-error", id, error: errorInfo(error) });
  }
}
