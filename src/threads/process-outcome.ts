import type { Outcome } from "../domain/executor.ts";
import { stoppedOutcome } from "./pool-ends.ts";
import type { Death } from "./process-link.ts";
import { bytesInWords } from "./process-memory.ts";
import type { Attempt } from "./process-state.ts";

const LINE_MAX = 200;

/** How an attempt ended whose child is gone. */
export function outcomeOf(attempt: Attempt, death: Death): Outcome {
  const { ended, stopping, memoryLimitBytes } = attempt;
  if (attempt.ateTooMuch) return overLimit(attempt);
  if (stopping !== undefined) {
    if (ended === undefined) {
      return stoppedOutcome({
        ...stopping,
        message: `${stopping.message}; its process was killed`,
      });
    }
    const { outcome } = ended;
    return stopping.why === "stop" && outcome.type === "completed"
      ? outcome
      : stoppedOutcome(stopping);
  }
  if (memoryLimitBytes !== undefined && hitTheWall(attempt, death)) return overLimit(attempt);
  if (ended !== undefined) return ended.outcome;
  return { type: "crashed", message: `${wayOf(death)}${known(attempt)}` };
}

/** Under a wall allocations fail: the runtime throws, or gives up with SIGABRT or SIGTRAP. */
function hitTheWall({ ended, peakBytes, memoryLimitBytes }: Attempt, { signal }: Death): boolean {
  if (ended?.outcome.type === "failed" || ended?.outcome.type === "crashed") {
    return /out of memory|allocation failed/i.test(ended.outcome.message);
  }
  const near = (peakBytes ?? 0) > (memoryLimitBytes ?? Number.POSITIVE_INFINITY) / 2;
  return ended === undefined && near && signal !== null && GAVE_UP.includes(signal);
}

const GAVE_UP: readonly NodeJS.Signals[] = ["SIGABRT", "SIGTRAP", "SIGILL"];

function overLimit(attempt: Attempt): Outcome {
  const limit = bytesInWords(attempt.memoryLimitBytes ?? 0);
  return {
    type: "crashed",
    message: `its process used more memory than the limit of ${limit} and was killed${known(attempt)}`,
  };
}

function wayOf({ code, signal, error }: Death): string {
  if (error !== undefined) return `its process could not be started: ${error.message}`;
  if (signal !== null) return `its process was killed by ${signal}`;
  return `its process exited with code ${code}`;
}

/** What else is known: the most memory it was seen to use, and the last it said. */
function known({ peakBytes, lastLine }: Attempt): string {
  const memory = peakBytes === undefined ? [] : [`peak memory ${bytesInWords(peakBytes)}`];
  const last = lastLine === undefined ? [] : [`last log line "${cut(lastLine.text)}"`];
  const facts = [...memory, ...last];
  return facts.length === 0 ? "" : ` (${facts.join("; ")})`;
}

function cut(text: string): string {
  return text.length <= LINE_MAX ? text : `${text.slice(0, LINE_MAX)}…`.toWellFormed();
}
