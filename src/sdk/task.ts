import type { Duration } from "../domain/duration.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { GivenHook } from "./given-hook.ts";
import {
  hooksUnder,
  type MomentMethods,
  type MomentOptions,
  momentMethods,
} from "./moment-hooks.ts";
import { registerTask } from "./registry.ts";
import type { RetryDelayOption } from "./retry-delay-option.ts";
import { currentScope } from "./scope.ts";
import type { TaskDefinition } from "./task-definition.ts";

export interface TaskOptions<Args extends readonly unknown[], Result> extends MomentOptions {
  readonly name: string;
  /** Further attempts after one that failed or timed out, inside the run's attempt. */
  readonly retries?: number;
  readonly retryDelay?: RetryDelayOption;
  /** How long one attempt may take. */
  readonly timeout?: Duration;
  readonly run: (...args: Args) => Result;
}

/** A tracked function: inside a run each call is a task run, outside it just calls. */
export interface Task<Args extends readonly unknown[] = readonly unknown[], Result = unknown>
  extends MomentMethods<Task<Args, Result>> {
  (...args: Args): Promise<Awaited<Result>>;
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
  const defined: Task<Args, Result> = Object.assign(call, {
    definition,
    ...momentMethods(definition.hooks, () => defined),
  });
  return defined;
}

function define(
  options: TaskDefinition["options"] & MomentOptions,
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
