import type { Duration } from "../domain/duration.ts";
import type { Moment } from "../domain/flow.ts";
import type { RunView, StateView, TaskRunView } from "../domain/run-view.ts";
import type { Blocks } from "./blocks.ts";
import type { Client } from "./client.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { Log } from "./log.ts";

/** What a hook is told. `run` and `state` are as of the transition, not as of now. */
export interface HookContext {
  readonly flow: {
    readonly name: string;
    readonly description: string;
    readonly tags: readonly string[];
  };
  readonly run: RunView;
  /** The name of the task, where a task run made the transition. */
  readonly task?: string;
  readonly taskRun?: TaskRunView;
  readonly state: StateView;
  readonly previous?: StateView;
  /** The id is the same at every attempt: use it as an idempotency key. */
  readonly delivery: { readonly id: string; readonly attempt: number; readonly moment: Moment };
  readonly urls: { readonly run: string; readonly api: string };
  readonly blocks: Blocks;
  readonly client: Client;
  readonly log: Log;
  /** Aborts when the time for this attempt is over. */
  readonly signal: AbortSignal;
}

/** Rejecting means "not delivered": the daemon tries again later. Bear being told the same thing twice. */
export type HookFunction = (context: HookContext) => unknown;

export interface HookOptions {
  /** What people call it; the name of the function by default. */
  readonly name?: string;
  /** The moments to be told of. Under an option such as `onFailure` the option says it. */
  readonly on?: Moment | readonly Moment[];
  /** Only runs of these flows. */
  readonly flows?: string | readonly string[];
  /** Only runs that carry one of these tags. */
  readonly tags?: string | readonly string[];
  /** How long one attempt may take; 30 seconds by default. */
  readonly timeout?: Duration;
  /** The waits before each further attempt; an empty list means none. */
  readonly retry?: readonly Duration[];
  readonly run: HookFunction;
}

/** A hook with options of its own, made by `hook()`. */
export interface Hook {
  readonly kind: "hook";
  readonly options: HookOptions;
  readonly definedAt?: Site;
}

/** What may stand under `onFailure` and its sisters: one hook or several. */
export type Hooks = HookFunction | Hook | readonly (HookFunction | Hook)[];

/** Makes a hook with a name, a filter, a timeout or a retry ladder of its own. */
export function hook(options: HookOptions): Hook {
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
