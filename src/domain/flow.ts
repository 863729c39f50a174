import type { DeclaredBlockType } from "./blocks.ts";
import type { FlowName, HookKey, ScheduleKey } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { JsonObject } from "./json.ts";

/** How often, and after what wait, a body is executed again. */
export interface RetryPolicy {
  /** Further attempts after the first. */
  readonly retries: number;
  readonly delay: RetryDelay;
}

export type RetryDelay =
  | { readonly kind: "list"; readonly ms: readonly number[] }
  | {
      readonly kind: "exponential";
      readonly initialMs: number;
      readonly factor: number;
      readonly maxMs: number;
      /** Up to this share of the delay is added at random, 0 to 1. */
      readonly jitter: number;
    };

export type OverlapPolicy = "skip" | "queue-one" | "queue-all" | "cancel-running" | "allow";
export type DstPolicy = "once" | "skip" | "literal";

export interface MissedPolicy {
  readonly policy: "latest" | "skip" | "all";
  readonly windowMs: number;
  readonly max: number;
}

/** When a flow is due, as the config gave it, checked. */
export type Timing =
  | {
      readonly kind: "cron";
      readonly cron: string;
      readonly timezone: string;
      readonly dst: DstPolicy;
    }
  | { readonly kind: "every"; readonly everyMs: number; readonly anchor: Instant }
  | { readonly kind: "at"; readonly at: readonly Instant[] }
  /** Once each time the daemon starts: that is no time that can be known before. */
  | { readonly kind: "start" };

export interface ScheduleSpec {
  readonly key: ScheduleKey;
  readonly timing: Timing;
  readonly parameters: JsonObject;
  readonly paused: boolean;
  readonly until?: Instant;
  readonly jitterMs: number;
}

/** The moments of a run and of a task run, named as their options in a config. */
export const TASK_MOMENTS = [
  "onRunning",
  "onCompletion",
  "onFailure",
  "onCancellation",
  "onCrashed",
  "onRetry",
  "onAnyEnd",
] as const;
export type TaskMoment = (typeof TASK_MOMENTS)[number];

/** The moments of a due time that becomes no run. */
const DECISION_MOMENTS = ["onSkipped", "onMissed"] as const;
export type DecisionMoment = (typeof DECISION_MOMENTS)[number];

/** Whether the moment is one of a due time that becomes no run. */
export function isDecisionMoment(moment: Moment): moment is DecisionMoment {
  return DECISION_MOMENTS.some((one) => one === moment);
}

/** The moments at which a hook can be rung. */
export const MOMENTS = [
  ...TASK_MOMENTS,
  "onRecovered",
  "onRegressed",
  ...DECISION_MOMENTS,
  "onLate",
  "onRunningLong",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** One bell for what would ring again and again: further deliveries that are the same are dropped for a time. */
export interface DedupePolicy {
  readonly withinMs: number;
  /**
   * What counts as the same, besides hook and moment: anything of the flow (and task), or of the run, or of
   * the flow with the same message.
   */
  readonly by: "flow" | "run" | "message";
}

/** How often a hook is rung at most, and what becomes of deliveries beyond it. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
  readonly excess: "wait" | "drop";
}

/** A hook as data: enough to decide what it is told of, and to find its code in a thread. */
export interface HookSpec {
  readonly key: HookKey;
  /** What people call it: the function's or the shipped hook's name. */
  readonly name: string;
  readonly moments: readonly Moment[];
  readonly timeoutMs: number;
  /** Waits before each further attempt; after the last the delivery is dead. */
  readonly retryMs: readonly number[];
  /** It is rung only if what it is told of still holds after so long. */
  readonly holdForMs?: number;
  readonly dedupe?: DedupePolicy;
  readonly rateLimit?: RateLimit;
}

/** A hook module listed in the config: told of every flow's runs that its filter lets through. */
export interface HookModuleSpec extends HookSpec {
  readonly module: string;
  /** Undefined means every flow. */
  readonly flows?: readonly FlowName[];
  /** A run must carry one of these. Undefined means any run. */
  readonly tags?: readonly string[];
}

export interface FlowSpec {
  readonly name: FlowName;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleSpec[];
  readonly retry: RetryPolicy;
  /** Further attempts for runs that crashed. */
  readonly retryCrashed: number;
  /** Whether the config gave a `retryOn`, which only the thread can ask. */
  readonly timeoutMs?: number;
  /** How long a body may take to stop after its signal: at a timeout, and when it is cancelled. */
  readonly graceMs: number;
  readonly cancelGraceMs: number;
  /** A run of a schedule that has not been started so long after its due time is Late. */
  readonly lateAfterMs: number;
  /** A run that has been running for longer rings `onRunningLong`. */
  readonly expectWithinMs?: number;
  readonly overlap: OverlapPolicy;
  /** With overlap "queue-all": how many runs may wait. */
  readonly maxQueued: number;
  /** Where attempts are executed: in a thread of the daemon, or in a process of their own. */
  readonly isolation: "thread" | "process";
  /** Only with a process of its own: more than this and it is killed. */
  readonly memoryLimitBytes?: number;
  /** Runs of the flow that may go on at once; undefined for no limit. */
  readonly concurrency?: number;
  readonly priority: number;
  readonly missed: MissedPolicy;
  readonly hooks: readonly HookSpec[];
  /** JSON Schema of the parameters, where the config's schema can say it. */
  readonly parametersSchema?: JsonObject;
  /** Where the config defines the flow: `flows.config.ts:12:24`. */
  readonly definedAt?: string;
}

export interface TaskSpec {
  readonly name: string;
  readonly hooks: readonly HookSpec[];
}

export interface TagHooksSpec {
  readonly tag: string;
  readonly hooks: readonly HookSpec[];
}

/** What a thread found in the config: everything the daemon knows of the user's code. */
export interface Manifest {
  readonly flows: readonly FlowSpec[];
  /** Tasks defined while the config was read. */
  readonly tasks: readonly TaskSpec[];
  /** Hooks of every run that carries a tag. */
  readonly tagHooks: readonly TagHooksSpec[];
  readonly hookModules: readonly HookModuleSpec[];
  /** How many runs that carry a tag may go on at once, by tag. */
  readonly limits: Readonly<Record<string, number>>;
  /** Types of blocks that the config declares. */
  readonly blockTypes: readonly DeclaredBlockType[];
  /** Settings that the config gives, not yet merged with flags and environment. */
  readonly settings: JsonObject;
}

/** A file of the config as it was when the config was accepted. */
export interface SourceFile {
  /** How it was imported. */
  readonly kind: "module" | "commonjs" | "json" | "text";
  readonly text: string;
}

/**
 * The files that the config was made of when it was accepted, by path: what every thread of its generation
 * runs, whatever becomes of them on disk. Empty where the runtime cannot tell.
 */
export interface Sources {
  readonly files: Readonly<Record<string, SourceFile>>;
  /** Where the config and its hook modules lay behind symbolic links. */
  readonly links: Readonly<Record<string, string>>;
}

/** One accepted version of the config. */
export interface Generation {
  readonly number: number;
  readonly configPath: string;
  readonly manifest: Manifest;
  readonly sources: Sources;
  readonly acceptedAt: Instant;
}

/** Something wrong with a config: where, and what was expected. */
export interface ConfigProblem {
  /** Path into the config, such as `flows[1].schedule.cron`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** `flows.config.ts:12:3`, where it is known. */
  readonly at?: string;
}
