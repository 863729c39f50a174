import type { Decision, DecisionView } from "../domain/decision.ts";
import type { DeliveryStatus } from "../domain/delivery.ts";
import type { LogLevel } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Moment } from "../domain/flow.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import type { StateView, TaskRunView } from "../domain/run-view.ts";
import type { StateName, StateType } from "../domain/state.ts";
import type { ExchangeView } from "../domain/trial.ts";

/** Which runs to list, newest first. Every list holds alternatives; an empty one lets everything through. */
export interface RunQuery {
  readonly flows?: Filter<string>;
  /** State types or state names. */
  readonly states?: Filter<StateType | StateName>;
  readonly tags?: Filter<string>;
  /** Only child runs of the run with this id. */
  readonly parent?: string;
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
  /** The task run that this one was called in. */
  readonly parent?: string;
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

/** A delivery as lists show it. Times are ISO 8601 in UTC. */
export interface DeliveryEntry {
  readonly id: string;
  /** The hook's key. */
  readonly hook: string;
  /** What people call the hook; the config knows it, not the store. */
  readonly hookName?: string;
  readonly flow: string;
  /** The run that it tells of, by id; absent where it tells of a decision. */
  readonly run?: string;
  readonly runName?: string;
  readonly task?: string;
  readonly taskRun?: string;
  readonly decision?: DecisionView;
  readonly moment: string;
  readonly status: DeliveryStatus;
  readonly attemptsMade: number;
  /** How often somebody asked for it again. */
  readonly replays: number;
  readonly createdAt: string;
  readonly nextAttemptAt?: string;
  /** When it was delivered, dead or dropped. */
  readonly endedAt?: string;
  /** Why it is dead or dropped. */
  readonly reason?: string;
  /** Why its last attempt failed. */
  readonly lastError?: string;
}

export interface DeliveryView extends DeliveryEntry {
  /** Attempts made so far. */
  readonly attempts: readonly DeliveryAttemptView[];
}

export interface DeliveryAttemptView {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly error?: ErrorInfo;
  readonly log: readonly { readonly at: string; readonly level: LogLevel; readonly text: string }[];
  /** What the hook asked of others, and what came back. */
  readonly exchanges?: readonly ExchangeView[];
}

/** Which deliveries are meant. Every list holds alternatives; what is left out lets everything through. */
export interface DeliveryFilter {
  readonly statuses?: readonly DeliveryStatus[];
  /** Keys of hooks. */
  readonly hooks?: readonly string[];
  readonly run?: Run;
  readonly flow?: string;
  readonly moment?: Moment;
  /** Written at or after, before: epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
}

export interface PageQuery {
  /** Where the page before ended. */
  readonly cursor?: number;
  readonly limit: number;
}

/** A page may hold fewer than were asked for: only where `next` is absent there are no more. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: number;
}

/** What is known of a hook besides the config: it may have one no longer. */
export interface HookRecord {
  readonly key: string;
  readonly deliveries: Readonly<Partial<Record<DeliveryStatus, number>>>;
  readonly lastDeliveredAt?: Instant;
  readonly lastFailure?: { readonly at: Instant; readonly message: string };
  /** When the first of those that wait is, or was, due. */
  readonly oldestDueAt?: Instant;
  /** Set while its receiver does not answer, and only one delivery at a time is tried. */
  readonly down?: { readonly since: Instant; readonly nextTryAt?: Instant };
}

export interface DecisionQuery extends PageQuery {
  readonly flow?: string;
  readonly kind?: Decision["kind"];
  readonly since?: number;
  readonly until?: number;
}

/** Every read for people. Runs are named by id, by a prefix of an id of at least 6 characters, or by name. */
export interface RunHistory {
  /** The newest run that the reference names; "ambiguous" for a prefix that fits several. */
  findRun(reference: string): Promise<Run | "ambiguous" | undefined>;
  listRuns(query: RunQuery): Promise<readonly Run[]>;
  listTransitions(run: Run): Promise<readonly TransitionView[]>;
  listTaskRuns(run: Run): Promise<readonly TaskRunView[]>;
  listLogs(run: Run, query: LogQuery): Promise<readonly LogView[]>;
  /** A run's deliveries in the order in which they were written. */
  listDeliveries(run: Run): Promise<readonly DeliveryView[]>;
  /** Newest first. */
  pageDeliveries(query: DeliveryFilter & PageQuery): Promise<Page<DeliveryEntry>>;
  /** A delivery by its id, or by a prefix of it of at least 6 characters. */
  findDelivery(reference: string): Promise<DeliveryView | "ambiguous" | undefined>;
  /** The keys of all hooks that ever had a delivery. */
  hookKeys(): Promise<readonly string[]>;
  /** Those of hooks that have deliveries. */
  hookRecords(): Promise<readonly HookRecord[]>;
  /** Newest first. */
  pageDecisions(query: DecisionQuery): Promise<Page<DecisionView>>;
  /** How many runs are in each state type, and how many deliveries in each status. */
  counts(): Promise<Counts>;
  /** The newest runs of a flow, newest first. */
  recentRuns(flow: string, limit: number): Promise<readonly RecentRunView[]>;
  /** How the runs of a flow ended over time. */
  outcomes(flow: string, query: OutcomeQuery): Promise<Outcomes>;
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

/** A run as charts show it. */
export interface RecentRunView {
  readonly id: string;
  readonly state: StateType;
  /** When it was started, or made if it was not yet. */
  readonly at: string;
  /** From its start to its end; absent if it was never started. */
  readonly tookMs?: number;
  /** It has not ended. */
  readonly open?: true;
}

export interface OutcomeQuery {
  /** Epoch milliseconds. */
  readonly since: number;
  /** The length of a bin. */
  readonly everyMs: number;
  /** Not more of the newest runs are looked at. */
  readonly runsMax: number;
}

/** Runs by the time at which they were made. */
export interface Outcomes {
  readonly flow: string;
  /** Oldest first; a bin without runs is left out. */
  readonly bins: readonly OutcomeBin[];
  /** Set where runs up to then were not counted, because there are too many. */
  readonly countedFrom?: string;
}

export interface OutcomeBin {
  /** Where it begins. */
  readonly at: string;
  readonly runs: Readonly<Partial<Record<StateType, number>>>;
}
