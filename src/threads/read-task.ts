import * as v from "valibot";
import { TASK_MOMENTS, type TaskSpec } from "../domain/flow.ts";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import { aFunction, duration, isFunction, isObject, name, read } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { RETRY_OPTIONS } from "./read-flow.ts";
import { readHooks, TASK_MOMENT_OPTIONS } from "./read-hooks.ts";

const TASK_OPTIONS = v.object({
  name: name(),
  ...RETRY_OPTIONS,
  retryOn: v.optional(aFunction()),
  persist: v.optional(read(readPersist, "true, false or { key: (…args) => text }")),
  cache: v.optional(
    v.strictObject(
      { key: v.custom(isFunction, "a function"), expires: v.optional(duration()) },
      'an object such as { key: (id) => id, expires: "1h" }',
    ),
  ),
  run: aFunction(),
  ...TASK_MOMENT_OPTIONS,
});

/** Checks a task and answers it as data; undefined when something is wrong, which is noted. */
export function readTask(
  task: TaskDefinition,
  index: number,
  found: Findings,
): TaskSpec | undefined {
  const path = `tasks[${index}]`;
  const title = typeof task.name === "string" ? `task "${task.name}"` : path;
  const subject: Subject = { title, path, site: task.definedAt };
  const values = found.read(subject, TASK_OPTIONS, task.options);
  const hooks = readHooks(`task:${task.name}`, task.hooks, { subject, found });
  for (const { moment, path } of task.hooks) {
    if (TASK_MOMENTS.some((known) => known === moment)) continue;
    found.add(subject, path, `${path} is for flows; a task never rings it`);
  }
  return values === undefined ? undefined : { name: values.name, hooks };
}

function readPersist(option: unknown): unknown {
  if (typeof option === "boolean") return option;
  if (!isObject(option) || Object.keys(option).join() !== "key") return undefined;
  return isFunction(option["key"]) ? option : undefined;
}
