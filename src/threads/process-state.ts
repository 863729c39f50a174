import type { Claim, LogLine, Outcome, RunLedger } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import type { FlowName, RunId, TaskRunId } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { TaskRun } from "../domain/run.ts";
import type { LongTimer } from "../sdk/long-timer.ts";
import type { LineWriter } from "./line-writer.ts";
import type { AnswerRequest, Claiming, Stopping, ThreadsLog } from "./pool-state.ts";
import type { ChildLink } from "./process-link.ts";

export interface ProcessExecutorDeps {
  readonly ledger: RunLedger;
  readonly clock: Clock;
  readonly log: ThreadsLog;
  readonly processesMax: number;
  /** Called when there is room again after an offer that was not taken whole. */
  readonly onRoom: () => void;
  /** The newest accepted config. */
  readonly newest: () => Generation;
  readonly answerRequest: AnswerRequest;
  /** How to run this same program: the hidden command that makes it a child is added. */
  readonly self: readonly string[];
  readonly logLinesMax?: number;
  readonly resultBytesMax?: number;
}

/** A claimed run with the child process that executes it. */
export interface Attempt {
  readonly claim: Claim;
  readonly link: ChildLink;
  readonly memoryLimitBytes: number | undefined;
  readonly lines: LineWriter;
  startedAt: Instant | undefined;
  /** Set once it has been asked to stop. */
  stopping: Stopping | undefined;
  timer: LongTimer | undefined;
  openTasks: Map<TaskRunId, TaskRun> | undefined;
  /** What its child said of its end, before the child itself has ended. */
  ended: Ended | undefined;
  lastLine: LogLine | undefined;
  peakBytes: number | undefined;
  /** Child runs that it waits for: until they end it takes up no place. */
  children: number;
  /** It was killed for the memory it used. */
  ateTooMuch: boolean;
}

export interface Ended {
  readonly outcome: Outcome;
  readonly startedAt?: Instant;
  readonly endedAt: Instant;
}

/** Everything that the executor knows. */
export interface Processes {
  readonly deps: ProcessExecutorDeps;
  readonly held: Map<RunId, Attempt>;
  readonly claiming: Map<RunId, Claiming>;
  /** Flows of which a run has waited for a child run: every further one is expected to. */
  readonly parents: Set<FlowName>;
  readonly finishing: Set<Promise<unknown>>;
  /** Looks at the memory of all, while there are any. */
  looks: ReturnType<typeof setInterval> | undefined;
  stopping: boolean;
  /** An offer was not taken whole. */
  full: boolean;
}
