import { createHash } from "node:crypto";
import type { TaskDefinition } from "../sdk/task-definition.ts";
import { described, isObject } from "./config-values.ts";
import { jsonFault } from "./result-json.ts";

/** Under what the result of a call is stored, if it is. */
export interface TaskKeys {
  /** For further attempts of the run. */
  readonly keep?: string;
  /** For every run. */
  readonly cache?: string;
}

/** Whether results of the task are stored. */
export function isStored({ options }: TaskDefinition): boolean {
  return isPersisted(options.persist) || options.cache !== undefined;
}

/** Throws when a key cannot be found: the user's function threw, or there is no JSON of the arguments. */
export function keysOf(task: TaskDefinition, args: readonly unknown[]): TaskKeys {
  const { persist, cache } = task.options;
  // The functions take the task's own arguments, which the definition's type no longer knows.
  const given = args as never;
  const keep = typeof persist === "object" ? persist.key(...given) : undefined;
  return {
    ...(isPersisted(persist) ? { keep: asText(task, "persist", keep ?? digest(task, args)) } : {}),
    ...(cache === undefined ? {} : { cache: asText(task, "cache", cache.key(...given)) }),
  };
}

function isPersisted(persist: TaskDefinition["options"]["persist"]): boolean {
  return persist !== undefined && persist !== false;
}

function asText(task: TaskDefinition, what: string, key: unknown): string {
  if (typeof key === "string") return key;
  throw new Error(
    `Cannot call task "${task.name}": its ${what} key is ${described(key)}, expected a text`,
  );
}

/** The same for the same arguments, whatever the order of the properties in them. */
function digest(task: TaskDefinition, args: readonly unknown[]): string {
  const fault = jsonFault(args, "arguments");
  if (fault !== undefined) {
    const next = "give persist a key such as { key: (id) => id }";
    throw new Error(`Cannot call task "${task.name}": ${fault}; ${next}`);
  }
  return createHash("sha256").update(JSON.stringify(args, sorted)).digest("base64url");
}

function sorted(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
