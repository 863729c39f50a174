import * as v from "valibot";
import type { TaskSpec } from "../domain/flow.ts";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import { aFunction, name } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { MOMENT_OPTIONS, RETRY_OPTIONS, readHooks } from "./read-flow.ts";

const TASK_OPTIONS = v.object({
  name: name(),
  ...RETRY_OPTIONS,
  run: aFunction(),
  ...MOMENT_OPTIONS,
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
  return values === undefined ? undefined : { name: values.name, hooks };
}
