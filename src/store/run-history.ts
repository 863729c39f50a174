import type { DeliveryStatus } from "../domain/delivery.ts";
import type { LogLevel } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Run } from "../domain/run.ts";
import type { StateView, TaskRunView } from "../domain/run-view.ts";
import type { StateName, StateType } from "../domain/state.ts";

/** Which runs to list, newest first. Every list holds alternatives; an empty one lets everything through. */
export interface RunQuery {
  readonly flows?: Filter<string>;
  /** State types or state names. */
  readonly states?: Filter<StateType | StateName>;
  readonly tags?: Filter<string>;
  /** Created at or after, before: epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  /** Part of a run's name or flow's name. */
  readonly text?: string;
  /** Runs with a smaller number only: where the page before ended. */
  readonly before?: number;
  readonly limit: number;
}
export interface Filter<Value> {
  readonly include: readonly Value[];
  readonly exclude: readonly Value[];
}

export interface TransitionView {
  readonly seq: number;
  readonly attempt: number;
  readonly state: StateView;
  /** Set on the transitions of a task run. */
  readonly taskRun?: string;
  readonly task?: string;
}

export interface LogView {
  /** Grows with every line: what `after` takes. */
  readonly no: number;
  readonly at: string;
  readonly level: LogLevel;
  readonly attempt: number;
  readonly text: string;
  readonly taskRun?: string;
}

export interface DeliveryView {
  readonly id: string;
  readonly hook: string;
  readonly run: string;
  readonly moment: string;
  readonly status: DeliveryStatus;
  /** Attempts made so far. */
  readonly attempts: readonly DeliveryAttemptView[];
  readonly nextAttemptAt?: string;
  readonly createdAt: string;
  readonly reason?: string;
}

export interface DeliveryAttemptView {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly error?: ErrorInfo;
  readonly log: readonly { readonly at: string; readonly level: LogLevel; readonly text: string }[];
}

/** Every read for people. Runs are named by id, by a prefix of an id of at least 6 characters, or by name. */
export interface RunHistory {
  /** The newest run that the reference names; "ambiguous" for a prefix that fits several. */
  findRun(reference: string): Promise<Run | "ambiguous" | undefined>;
  listRuns(query: RunQuery): Promise<readonly Run[]>;
  listTransitions(run: Run): Promise<readonly TransitionView[]>;
  listTaskRuns(run: Run): Promise<readonly TaskRunView[]>;
  listLogs(run: Run, query: LogQuery): Promise<readonly LogView[]>;
  listDeliveries(run: Run): Promise<readonly DeliveryView[]>;
  /** How many runs are in each state type, and how many deliveries in each status. */
  counts(): Promise<Counts>;
  /** The newest run of each flow that has one. */
  latestRuns(): Promise<ReadonlyMap<string, Run>>;
}

export interface LogQuery {
  /** Lines with a greater number only. */
  readonly after?: number;
  /** This level and the graver ones. */
  readonly level?: LogLevel;
  /** Only the last so many lines. */
  readonly tail?: number;
  readonly limit: number;
}

export interface Counts {
  readonly runs: Partial<Record<StateType, number>>;
  readonly deliveries: Record<DeliveryStatus, number>;
}
