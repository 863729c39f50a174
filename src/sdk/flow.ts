import type { Duration } from "../domain/duration.ts";
import type { DstPolicy, OverlapPolicy } from "../domain/flow.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Blocks } from "./blocks.ts";
import { callChild } from "./child-flow.ts";
import type { Client } from "./client.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { FlowRun } from "./flow-run.ts";
import type { GivenHook } from "./given-hook.ts";
import type { Log } from "./log.ts";
import {
  hooksUnder,
  type MomentMethods,
  type MomentOptions,
  withMomentMethods,
} from "./moment-hooks.ts";
import type { RetryDelayOption } from "./retry-delay-option.ts";
import type { StandardSchema } from "./standard-schema.ts";

interface ScheduleExtras {
  /** A stable name for this schedule; the flow's name and its position by default. */
  readonly key?: string;
  readonly parameters?: JsonObject;
  readonly jitter?: Duration;
  readonly paused?: boolean;
  readonly until?: string | Date;
}

/**
 * When a flow is due. Instants are dates, or ISO 8601 with Z or an offset. `onStart` is due once each time the daemon
 * starts, like cron's `@reboot`.
 */
export type ScheduleOption = ScheduleExtras &
  (
    | { readonly cron: string; readonly timezone?: string; readonly dst?: DstPolicy }
    | { readonly every: Duration; readonly anchor?: string | Date }
    | { readonly at: readonly (string | Date)[] }
    | { readonly onStart: true }
  );

/** The second argument of a flow's body. */
export interface FlowContext {
  readonly run: FlowRun;
  readonly log: Log;
  /** Aborts when the run is to stop: its time is over, it was cancelled, the daemon stops. */
  readonly signal: AbortSignal;
  readonly blocks: Blocks;
  readonly client: Client;
}

/** Everything of a flow but its body and its parameters. */
export interface FlowSettings extends MomentOptions {
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly schedule?: ScheduleOption;
  readonly schedules?: readonly ScheduleOption[];
  /** Further attempts after one that failed or timed out. */
  readonly retries?: number;
  readonly retryDelay?: RetryDelayOption;
  /** Further attempts after one that crashed. */
  readonly retryCrashed?: number;
  /** Answering false makes the failure final. */
  readonly retryOn?: (error: unknown, attempt: number) => boolean | Promise<boolean>;
  /** How long one attempt may take. */
  readonly timeout?: Duration;
  /** How long an attempt may go on after its signal: by default 5 s at a timeout, 30 s when cancelled. */
  readonly grace?: Duration;
  /** A run of a schedule that is not started so long after its due time is Late; 15 s by default. */
  readonly lateAfter?: Duration;
  /** A run that has been running for longer rings `onRunningLong`. Nothing is stopped. */
  readonly expectWithin?: Duration;
  /** Where attempts are executed: in a thread of the daemon (the default), or in a process of their own. */
  readonly isolation?: "thread" | "process";
  /** The most memory that an attempt may use, such as `"512MB"`. Only with a process of its own. */
  readonly memoryLimit?: string | number;
  /**
   * What becomes of a run that is due while one of the flow is open: `skip` it (the default), let one wait
   * (`queue-one`, the latest), or all (`queue-all`), cancel the one before (`cancel-running`), or `allow` both.
   */
  readonly overlap?: OverlapPolicy;
  /** With `queue-all`: how many runs may wait; 100 by default. */
  readonly maxQueued?: number;
  /** Runs of the flow that may go on at once; further ones wait. No limit by default. */
  readonly concurrency?: number;
  /** Runs that wait for the same thing go greatest first. 0 by default. */
  readonly priority?: number;
  readonly missed?: {
    readonly policy?: "latest" | "skip" | "all";
    readonly window?: Duration;
    readonly max?: number;
  };
}

type ParametersOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : JsonObject;

/** What a flow is called with from another flow: its parameters, as they are before they are validated. */
type ArgsOf<Schema> =
  Schema extends StandardSchema<infer _Output, infer Input>
    ? Record<never, never> extends Input
      ? [parameters?: Input]
      : [parameters: Input]
    : [parameters?: JsonObject];

export interface FlowOptions<Schema extends StandardSchema | undefined, Result = unknown>
  extends FlowSettings {
  readonly parameters?: Schema;
  readonly run: (parameters: ParametersOf<Schema>, context: FlowContext) => Result;
}

/** The parts of a flow that a thread calls. A method, so that a body with narrower parameters fits. */
export interface FlowCode {
  run(parameters: unknown, context: FlowContext): unknown;
  readonly parameters?: StandardSchema | undefined;
  readonly retryOn?: (error: unknown, attempt: number) => boolean | Promise<boolean>;
}

/** A flow, as `flow()` makes it. */
export interface Flow<Args extends readonly unknown[] = never, Result = unknown>
  extends MomentMethods<Flow<Args, Result>> {
  /**
   * Inside a run: performs the flow as a child run and answers its result as JSON keeps it; throws when the
   * child does not complete. A waiting run takes up no thread of the pool.
   */
  (...args: Args): Promise<Awaited<Result>>;
  readonly kind: "flow";
  readonly name: string;
  readonly options: FlowSettings & FlowCode;
  readonly hooks: readonly GivenHook[];
  readonly definedAt?: Site;
}

/** Defines a flow. It runs once it is listed under `flows` of `defineConfig()`. */
export function flow<Schema extends StandardSchema | undefined = undefined, Result = unknown>(
  options: FlowOptions<Schema, Result>,
): Flow<ArgsOf<Schema>, Result> {
  return defineFlow(options, definitionSite(flow));
}

/** Makes the flow object for somebody who knows where it was defined. */
export function defineFlow<Args extends readonly unknown[], Result>(
  options: FlowSettings & FlowCode,
  definedAt: Site | undefined,
): Flow<Args, Result> {
  const hooks = hooksUnder(options);
  const name = options?.name;
  // What the child answers is what the flow's body answered: the types cannot say it across runs.
  const call = (...args: Args) => callChild(name, args[0]) as Promise<Awaited<Result>>;
  // A function's own name cannot be assigned.
  Object.defineProperty(call, "name", { value: name, enumerable: true });
  const kind = "flow" as const;
  const defined = Object.assign(call, {
    ...{ kind, options, hooks },
    ...(definedAt === undefined ? {} : { definedAt }),
  });
  return withMomentMethods<Flow<Args, Result>, typeof defined>(defined, hooks);
}
