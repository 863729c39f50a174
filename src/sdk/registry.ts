import type { TaskDefinition } from "./task-definition.ts";

const tasks: TaskDefinition[] = [];
let open = true;

/** Notes a task while the config is imported; tasks made later, inside a run, are not kept. */
export function registerTask(task: TaskDefinition): void {
  if (open) tasks.push(task);
}

/** The tasks defined while the config was imported, so that their hooks are found by name in any thread. */
export function registeredTasks(): readonly TaskDefinition[] {
  return tasks;
}

/** Says that the config has been imported. */
export function closeRegistry(): void {
  open = false;
}
