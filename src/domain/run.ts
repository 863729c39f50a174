import type { FlowName, RunId, ScheduleKey, TaskRunId } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { JsonText } from "./json.ts";
import type { State } from "./state.ts";

/** What `advance` moves: the part that a run and a task run have in common. */
export interface Advancing {
  /** How many transitions there have been: what compare-and-set compares. */
  readonly rev: number;
  readonly state: State;
  /** Executions of the body that have begun: 0 until the first, then 1-based. */
  readonly attempt: number;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** What the body answered, if it was kept. */
  readonly result?: JsonText;
}

/** One flow run. */
export interface Run extends Advancing {
  readonly id: RunId;
  /** The store's own number, growing with creation: lists are ordered by it. */
  readonly no: number;
  /** A readable name such as `brave-otter`, accepted wherever an id is. */
  readonly name: string;
  readonly flow: FlowName;
  readonly parameters: JsonText;
  readonly tags: readonly string[];
  /** The schedule and the due time that asked for this run; a run made by hand has neither. */
  readonly schedule?: ScheduleKey;
  readonly scheduledFor?: Instant;
  readonly idempotencyKey?: string;
  readonly parent?: RunId;
  /** The id of the backfill that made it: it never keeps a due time from being run. */
  readonly backfill?: string;
  /** It was made under an overlap policy: no other such run of its flow goes on beside it. */
  readonly exclusive: boolean;
  /** Runs that wait for the same slot go greatest first, then first in, first out. */
  readonly priority: number;
  readonly createdAt: Instant;
  /** The accepted config under which the run was created. */
  readonly generation: number;
  /** Attempts that failed or timed out, and attempts that crashed: each has its own allowance. */
  readonly failures: number;
  readonly crashes: number;
}

/** One call of a task inside a run. */
export interface TaskRun extends Advancing {
  readonly id: TaskRunId;
  readonly task: string;
  /** Which call of this task in the attempt it is, from 0. */
  readonly call: number;
  /** The task run of the same run that this call was made in, if it was made in one. */
  readonly parent?: TaskRunId;
  /**
   * Set for a task with `persist`: in a later attempt of the run the same call with the same key answers
   * from this result and is not executed again.
   */
  readonly keep?: string;
  /** Set for a task with `cache`: its result answers any run's call with this key until it expires. */
  readonly cache?: { readonly key: string; readonly expiresAt?: Instant };
  readonly createdAt: Instant;
}

/** One recorded change of state. `before` is undefined for the step that creates. */
export interface Transition<Subject extends Advancing = Run> {
  readonly before: Subject | undefined;
  readonly after: Subject;
}
