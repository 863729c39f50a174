import type { DecisionView } from "../domain/decision.ts";
import type { Duration } from "../domain/duration.ts";
import type { DecisionMoment, Moment } from "../domain/flow.ts";
import type { RunView, StateView, TaskRunView } from "../domain/run-view.ts";
import type { Blocks } from "./blocks.ts";
import type { Client } from "./client.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { Log } from "./log.ts";

/** What every hook is told and given. */
interface CommonContext {
  readonly flow: {
    readonly name: string;
    readonly description: string;
    readonly tags: readonly string[];
  };
  /** The id is the same at every attempt: use it as an idempotency key. */
  readonly delivery: { readonly id: string; readonly attempt: number; readonly moment: Moment };
  /** Links for people and for programs; of a due time without a run, to its flow. */
  readonly urls: { readonly run: string; readonly api: string };
  readonly blocks: Blocks;
  readonly client: Client;
  readonly log: Log;
  /** Aborts when the time for this attempt is over. */
  readonly signal: AbortSignal;
}

/** What a hook of a run or task is told. `run` and `state` are as of the transition, not as of now. */
export interface HookContext extends CommonContext {
  readonly run: RunView;
  /** The name of the task, where a task run made the transition. */
  readonly task?: string;
  readonly taskRun?: TaskRunView;
  readonly state: StateView;
  readonly previous?: StateView;
  readonly decision?: undefined;
}

/** What a hook under `onSkipped` or `onMissed` is told: of a due time that became no run, and why. */
export interface DecisionContext extends CommonContext {
  readonly decision: DecisionView;
  readonly run?: undefined;
  readonly task?: undefined;
  readonly state?: undefined;
}

/** What a hook is told that listens to both kinds of moments; `context.decision` tells them apart. */
export type AnyContext = HookContext | DecisionContext;

/** What a hook is told at a moment, or at one of several. */
export type ContextOf<M extends Moment> =
  | (M extends DecisionMoment ? DecisionContext : never)
  | (M extends Exclude<Moment, DecisionMoment> ? HookContext : never);

/** What a hook is told unless it asks for due times without a run. */
export type RunMoment = Exclude<Moment, DecisionMoment>;

/** Rejecting means "not delivered": the daemon tries again later. Bear being told the same thing twice. */
export type HookFunction<Context = HookContext> = (context: Context) => unknown;

/** The options of every hook that do not say what it does. */
export interface HookSettings<M extends Moment = Moment> {
  /** What people call it; the name of the function by default. */
  readonly name?: string;
  /** The moments to be told of. Under an option such as `onFailure` the option says it. */
  readonly on?: M | readonly M[];
  /** Only runs of these flows. */
  readonly flows?: string | readonly string[];
  /** Only runs that carry one of these tags. */
  readonly tags?: string | readonly string[];
  /** How long one attempt may take; 30 seconds by default. */
  readonly timeout?: Duration;
  /** The waits before each further attempt; an empty list means none. */
  readonly retry?: readonly Duration[];
  /**
   * Rings only if it still holds after so long: the run is still in that state, and where the run has ended,
   * no later run of the flow has ended the other way.
   */
  readonly holdFor?: Duration;
  /**
   * Drops deliveries that are the same as one rung before it within so long: of the same moment and flow (and
   * task), or run, or flow and message.
   */
  readonly dedupe?:
    | Duration
    | { readonly within: Duration; readonly by?: "flow" | "run" | "message" };
  /** How often it is rung at most. Deliveries beyond it wait, or are dropped. */
  readonly rateLimit?: {
    readonly max: number;
    readonly per: Duration;
    readonly excess?: "wait" | "drop";
  };
}

export interface HookOptions<M extends Moment = Moment> extends HookSettings<M> {
  /** A method, so that code that is told less may stand for code that is told more. */
  run(context: ContextOf<M>): unknown;
}

/** A hook with options of its own, made by `hook()`. */
export interface Hook {
  readonly kind: "hook";
  readonly options: HookOptions;
  readonly definedAt?: Site;
}

/** What may stand under `onFailure` and its sisters: one hook or several. */
export type Hooks<Context = HookContext> =
  | HookFunction<Context>
  | Hook
  | readonly (HookFunction<Context> | Hook)[];

/**
 * Makes a hook with a name, a filter, a timeout or a retry ladder of its own. Without `on` it is told of runs
 * and tasks; `on` with `onSkipped` or `onMissed` adds due times that became no run.
 */
export function hook<const M extends Moment = RunMoment>(options: HookOptions<M>): Hook {
  const definedAt = definitionSite(hook);
  return { kind: "hook", options, ...(definedAt === undefined ? {} : { definedAt }) };
}

/** Thrown by a hook whose receiver said when to come back, such as by `Retry-After`. */
export class HookRejection extends Error {
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "HookRejection";
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
