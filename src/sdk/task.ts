import type { Duration } from "../domain/duration.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { GivenHook } from "./given-hook.ts";
import {
  hooksUnder,
  type TaskMomentMethods,
  type TaskMomentOptions,
  withMomentMethods,
} from "./moment-hooks.ts";
import { registerTask } from "./registry.ts";
import type { RetryDelayOption } from "./retry-delay-option.ts";
import { currentScope } from "./scope.ts";
import type { CacheOption, PersistOption, TaskDefinition } from "./task-definition.ts";
import { type MapOptions, mapConcurrently } from "./task-map.ts";

export interface TaskOptions<Args extends readonly unknown[], Result> extends TaskMomentOptions {
  readonly name: string;
  /** Further attempts after one that failed or timed out, inside the run's attempt. */
  readonly retries?: number;
  readonly retryDelay?: RetryDelayOption;
  /** Asked after each attempt that failed or timed out, 1-based: answering false makes the failure final. */
  readonly retryOn?: (error: unknown, attempt: number) => boolean | Promise<boolean>;
  /** How long one attempt may take. */
  readonly timeout?: Duration;
  /**
   * Keeps the result of each completed call: a further attempt of the run, also one after a crash, is answered
   * from it where the call is the same (task, number of the call, key) and does not execute it again. The key
   * is a digest of the arguments unless one is given. The call answers what JSON makes of the result, the
   * first time as well; a result that JSON cannot hold fails the task.
   */
  readonly persist?: PersistOption<Args>;
  /** Lets a stored result answer calls of any run with the same key: the state is then Cached. */
  readonly cache?: CacheOption<Args>;
  readonly run: (...args: Args) => Result;
}

/** A tracked function: inside a run each call is a task run, outside it just calls. */
export interface Task<Args extends readonly unknown[] = readonly unknown[], Result = unknown>
  extends TaskMomentMethods<Task<Args, Result>> {
  (...args: Args): Promise<Awaited<Result>>;
  /**
   * Calls the task once for each item, at most `concurrency` (100) at a time, and answers the results in the
   * order of the items. After a failure no further call begins; the first failure is thrown once the calls
   * under way have ended.
   */
  map(items: Iterable<Args[0]>, options?: MapOptions): Promise<Awaited<Result>[]>;
  readonly definition: TaskDefinition;
}

/** Defines a task: a function with the signature of its `run`. */
export function task<Args extends readonly unknown[], Result>(
  options: TaskOptions<Args, Result>,
): Task<Args, Result> {
  const definition = define(options, definitionSite(task));
  registerTask(definition);
  const call = async (...args: Args): Promise<Awaited<Result>> => {
    const scope = currentScope();
    if (scope?.callTask === undefined) return await options.run(...args);
    // What `callTask` answers is what `options.run` answered: the types cannot say it across the scope.
    return (await scope.callTask(definition, args)) as Awaited<Result>;
  };
  // A task of several arguments is mapped over its first: the others must be optional.
  const callWith = (item: Args[0]) => call(...([item] as readonly unknown[] as Args));
  const defined = Object.assign(call, {
    definition,
    map: (items: Iterable<Args[0]>, mapOptions?: MapOptions) =>
      mapConcurrently(items, callWith, { name: definition.name, ...mapOptions }),
  });
  return withMomentMethods<Task<Args, Result>, typeof defined>(defined, definition.hooks);
}

function define(
  options: TaskDefinition["options"] & TaskMomentOptions,
  definedAt: Site | undefined,
): TaskDefinition & { readonly hooks: GivenHook[] } {
  return {
    kind: "task",
    name: options?.name,
    options,
    hooks: hooksUnder(options),
    ...(definedAt === undefined ? {} : { definedAt }),
  };
}
