import type { Claim, Offer, Outcome } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { Generation, Sources } from "../domain/flow.ts";
import { lineWriter } from "./line-writer.ts";
import { STOPPED } from "./pool-ends.ts";
import { flowRun } from "./pool-placing.ts";
import { settle } from "./process-ends.ts";
import { openChild } from "./process-link.ts";
import { walled } from "./process-memory.ts";
import type { ChildDuty } from "./process-messages.ts";
import { hear, keepLines } from "./process-reports.ts";
import type { Attempt, ProcessExecutorDeps, Processes } from "./process-state.ts";

const LOG_LINES_MAX = 10_000;
const RESULT_BYTES_MAX = 2 ** 20;

/** Claims runs and starts a child for each. They are marked as being claimed already. */
export async function claimOffers(processes: Processes, offers: readonly Offer[]): Promise<void> {
  const claims = await claimsOf(processes.deps, offers);
  let again = false;
  for (const [index, { runId }] of offers.entries()) {
    const claiming = processes.claiming.get(runId);
    const cancelled = claiming?.cancelled === true;
    again ||= claiming?.again === true;
    processes.claiming.delete(runId);
    const claim = claims[index];
    if (claim === undefined) continue;
    if (cancelled) finishUnbegun(processes, claim, NOT_BEGUN);
    else if (processes.stopping) finishUnbegun(processes, claim, CUT_OFF);
    else startOrFinish(processes, claim);
  }
  if (again && !processes.stopping) processes.deps.onRoom();
}

/** The system may have no room for another process. */
function startOrFinish(processes: Processes, claim: Claim): void {
  try {
    startAttempt(processes, claim);
  } catch (thrown) {
    const error = errorInfo(thrown);
    const message = `Cannot start a process for flow "${claim.run.flow}": ${error.message}`;
    finishUnbegun(processes, claim, { type: "crashed", message, error });
  }
}

const NOT_BEGUN: Outcome = { type: "cancelled", message: "it had not begun" };
const CUT_OFF: Outcome = { type: "crashed", message: STOPPED };

async function claimsOf(
  { ledger, log }: ProcessExecutorDeps,
  offers: readonly Offer[],
): Promise<readonly (Claim | undefined)[]> {
  try {
    return await ledger.claim(offers, "processes");
  } catch (error) {
    log.error("Cannot claim runs", { runs: offers.length, error });
    return [];
  }
}

function finishUnbegun({ deps, finishing }: Processes, claim: Claim, outcome: Outcome): void {
  const { runId, token } = claim;
  const finish = deps.ledger
    .finish(runId, token, { outcome, endedAt: deps.clock() })
    .catch((error) => deps.log.error("Cannot record the end of a run", { runId, error }))
    .finally(() => finishing.delete(finish));
  finishing.add(finish);
}

function startAttempt(processes: Processes, claim: Claim): void {
  const { deps, held } = processes;
  const { runId, token, run, attempt: number, kept, resumed } = claim;
  const generation = deps.newest();
  const { memoryLimitBytes } =
    generation.manifest.flows.find(({ name }) => name === run.flow) ?? {};
  const link = openChild(
    {
      command: walled([...deps.self, "__run-child"], memoryLimitBytes),
      duty: dutyText(deps, generation),
      mark: `${process.pid}-${runId}-${token}`,
    },
    {
      message: (message) => hear(processes, attempt, message),
      wrote: (level, line) => attempt.lines.write(level, line),
      closed: (death) => settle(processes, attempt, death),
    },
  );
  const attempt: Attempt = {
    claim,
    link,
    memoryLimitBytes,
    lines: lineWriter(deps.logLinesMax ?? LOG_LINES_MAX, (line) =>
      keepLines(processes, attempt, [line]),
    ),
    startedAt: undefined,
    stopping: undefined,
    timer: undefined,
    openTasks: undefined,
    ended: undefined,
    lastLine: undefined,
    peakBytes: undefined,
    children: 0,
    ateTooMuch: false,
  };
  held.set(runId, attempt);
  link.post({
    type: "execute",
    post: 1,
    slot: 0,
    alone: true,
    run: flowRun(run, number),
    parameters: run.parameters,
    kept,
    resumed,
  });
}

const duties = new WeakMap<Sources, string>();

/** The same for every attempt of a generation, and large: written once. */
function dutyText(deps: ProcessExecutorDeps, { configPath, sources }: Generation): string {
  const known = duties.get(sources);
  if (known !== undefined) return known;
  const { logLinesMax = LOG_LINES_MAX, resultBytesMax = RESULT_BYTES_MAX } = deps;
  const duty: ChildDuty = { mode: "run", configPath, sources, logLinesMax, resultBytesMax };
  const text = JSON.stringify(duty);
  duties.set(sources, text);
  return text;
}
