import type { Duration } from "../domain/duration.ts";
import type { Site } from "./definition-site.ts";
import type { GivenHook } from "./given-hook.ts";
import type { RetryDelayOption } from "./retry-delay-option.ts";

/** A task as the thread that performs it sees it. */
export interface TaskDefinition {
  readonly kind: "task";
  readonly name: string;
  readonly options: {
    readonly name: string;
    readonly retries?: number;
    readonly retryDelay?: RetryDelayOption;
    readonly timeout?: Duration;
    run(...args: readonly unknown[]): unknown;
  };
  readonly hooks: readonly GivenHook[];
  readonly definedAt?: Site;
}
