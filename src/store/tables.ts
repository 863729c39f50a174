/** The tables as Kysely knows them; migrations.ts makes them. */
export interface Tables {
  readonly run: RunTable;
  readonly task_run: TaskRunTable;
  readonly transition: TransitionTable;
  readonly hook: HookTable;
  readonly delivery: DeliveryTable;
  readonly delivery_attempt: DeliveryAttemptTable;
  readonly log: LogTable;
  readonly boot: BootTable;
  readonly block: BlockTable;
  readonly decision: DecisionTable;
  readonly schedule: ScheduleTable;
}

export interface RunTable extends StateColumns {
  readonly no: number;
  readonly id: string;
  readonly name: string;
  readonly flow: string;
  readonly rev: number;
  readonly attempt: number;
  readonly failures: number;
  readonly crashes: number;
  readonly parameters: string;
  readonly tags: string;
  readonly schedule_key: string | null;
  readonly scheduled_for: number | null;
  readonly idempotency_key: string | null;
  readonly parent_id: string | null;
  /** 1 for a run that must not overlap with others of its flow. */
  readonly exclusive: number;
  readonly priority: number;
  readonly slot: string | null;
  readonly pause: string | null;
  readonly generation: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly result: string | null;
  /** The id of the backfill that made it. */
  readonly backfill: string | null;
  /** 1 for a run that is not over: its state's type says so too, but an index on that would be written at each step. */
  readonly open: number;
}

export interface TaskRunTable extends StateColumns {
  readonly no: number;
  readonly id: string;
  readonly run_no: number;
  readonly run_attempt: number;
  readonly task: string;
  readonly call: number;
  readonly parent: string | null;
  readonly rev: number;
  readonly attempt: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly result: string | null;
}

export interface TransitionTable {
  readonly seq: number;
  readonly run_no: number;
  readonly task_no: number | null;
  readonly attempt: number;
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly at: number;
  readonly due_at: number | null;
  readonly error: string | null;
}

export interface HookTable {
  readonly no: number;
  readonly key: string;
}

export interface DeliveryTable {
  readonly no: number;
  readonly id: string;
  readonly hook_no: number;
  /** The transition that rang it, and its run; null for a decision. */
  readonly seq: number | null;
  readonly run_no: number | null;
  readonly decision_no: number | null;
  readonly moment: string;
  readonly status: string;
  readonly attempts: number;
  /** Attempts made before it was last replayed: the ladder of waits begins anew there. */
  readonly ladder_from: number;
  readonly replays: number;
  /** When the next attempt is due; null once it is delivered or dead. */
  readonly due_at: number | null;
  readonly reason: string | null;
  readonly created_at: number;
  readonly ended_at: number | null;
}

export interface DeliveryAttemptTable {
  readonly delivery_no: number;
  readonly attempt: number;
  readonly started_at: number;
  readonly ended_at: number;
  readonly error: string | null;
  readonly log: string | null;
  readonly exchanges: string | null;
}

export interface LogTable {
  readonly no: number;
  readonly run_no: number;
  readonly attempt: number;
  readonly at: number;
  readonly level: string;
  readonly text: string;
  readonly task_run: string | null;
}

export interface BootTable {
  readonly no: number;
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly started_at: number;
  readonly heartbeat_at: number;
  readonly ended_at: number | null;
}

export interface BlockTable {
  readonly type: string;
  readonly name: string;
  readonly sealed: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface DecisionTable {
  readonly no: number;
  readonly flow: string;
  readonly schedule_key: string;
  readonly due_at: number;
  readonly kind: string;
  readonly reason: string;
  readonly blocked_by: string | null;
  readonly decided_at: number;
}

export interface ScheduleTable {
  readonly flow: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly cursor: number;
}

/** The columns that hold a state, in `run` and `task_run`. */
export interface StateColumns {
  readonly state_type: string;
  readonly state_name: string;
  readonly message: string;
  readonly state_at: number;
  readonly due_at: number | null;
  readonly error: string | null;
}
