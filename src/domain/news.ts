import type { DeliveryStatus } from "./delivery.ts";
import type { StateView } from "./run-view.ts";

/** A committed change of state of a run, or of one of its task runs, for whoever watches. */
export interface TransitionNews {
  /** Grows with every transition of the store. */
  readonly seq: number;
  /** The run, by id. */
  readonly run: string;
  readonly runName: string;
  readonly flow: string;
  readonly attempt: number;
  readonly state: StateView;
  /** Set where it is a task run that moved. */
  readonly taskRun?: string;
  readonly task?: string;
  /** The task run that this one was called in. */
  readonly parent?: string;
}

/** What became of a delivery. */
export interface DeliveryNews {
  readonly delivery: string;
  /** The hook's key. */
  readonly hook: string;
  readonly moment: string;
  readonly status: DeliveryStatus;
  readonly attemptsMade: number;
  readonly flow: string;
  readonly run?: string;
  readonly runName?: string;
  readonly nextAttemptAt?: string;
  readonly reason?: string;
}

/** An edit of the config was accepted, or refused and the one before stays. */
export interface ConfigNews {
  /** The generation in force. */
  readonly generation: number;
  readonly accepted: boolean;
  readonly changed?: boolean;
  readonly problems?: number;
}

export interface NewsQuery {
  readonly after: number;
  readonly limit: number;
  /** Only of the run with this number. */
  readonly runNo?: number;
}

/** Where news is read: everything committed so far is there. */
export interface NewsSource {
  lastSeq(): number;
  /** The number of the last line that a run wrote; 0 where it wrote none. */
  lastLine(runNo: number): number;
  /** In order; fewer than `limit` means that there are no more. */
  transitionsAfter(query: NewsQuery): readonly TransitionNews[];
  /** Deliveries by their numbers, as they are now. */
  deliveries(nos: readonly number[]): readonly DeliveryNews[];
}
