import type { Duration } from "../domain/duration.ts";
import type { Site } from "./definition-site.ts";
import type { GivenHook } from "./given-hook.ts";
import type { RetryDelayOption } from "./retry-delay-option.ts";

/** Whether, and under which key, a completed call answers again when its run has a further attempt. */
export type PersistOption<Args extends readonly unknown[]> =
  | boolean
  | { key(...args: Args): string };

/** Under which key a result answers the calls of every run, and for how long; without an end by default. */
export interface CacheOption<Args extends readonly unknown[]> {
  key(...args: Args): string;
  readonly expires?: Duration;
}

/** A task as the thread that performs it sees it. */
export interface TaskDefinition {
  readonly kind: "task";
  readonly name: string;
  readonly options: {
    readonly name: string;
    readonly retries?: number;
    readonly retryDelay?: RetryDelayOption;
    readonly timeout?: Duration;
    readonly retryOn?: (error: unknown, attempt: number) => boolean | Promise<boolean>;
    readonly persist?: PersistOption<never>;
    readonly cache?: CacheOption<never>;
    run(...args: readonly unknown[]): unknown;
  };
  readonly hooks: readonly GivenHook[];
  readonly definedAt?: Site;
}
