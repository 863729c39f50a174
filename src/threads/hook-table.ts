import type { HookKey } from "../domain/ids.ts";
import type { Site } from "../sdk/definition-site.ts";
import type { GivenHook } from "../sdk/given-hook.ts";
import type { Hook, HookFunction } from "../sdk/hook.ts";
import { hooksUnder } from "../sdk/moment-hooks.ts";
import { registeredTasks } from "../sdk/registry.ts";
import { described, isFunction, isObject } from "./config-values.ts";
import { type ImportedConfig, type ImportedModule, isMade } from "./import-config.ts";

/** A hook that stands under an option: its key, its code, and what is to be checked of it. */
export interface TabledHook {
  readonly key: HookKey;
  readonly name: string;
  readonly given: GivenHook;
  readonly run: HookFunction;
  /** What `hook()` was given; undefined for a plain function. */
  readonly options: object | undefined;
}

/**
 * Gives the hooks of a flow or task their keys, which stay the same across generations: reading the config
 * and ringing in a thread must agree on them. What is no hook is left out.
 */
export function tabledHooks(owner: string, given: readonly GivenHook[]): readonly TabledHook[] {
  const counts = new Map<string, number>();
  return given.flatMap((hook) => {
    const code = codeOf(hook.value);
    if (code === undefined) return [];
    const base = `${owner}/${hook.moment}/${code.name}`;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    const key = (count === 1 ? base : `${base}#${count}`) as HookKey;
    return [{ key, given: hook, ...code }];
  });
}

/** The hooks that the config gives to a tag: `tags: { prod: { onFailure: … } }`. */
export function tabledTagHooks(tags: unknown): readonly TabledTag[] {
  if (!isObject(tags)) return [];
  return Object.entries(tags).map(([tag, options]) => {
    const given = hooksUnder(options);
    return { tag, options, given, hooks: tabledHooks(tagOwner(tag), given) };
  });
}

export interface TabledTag {
  readonly tag: string;
  readonly options: unknown;
  readonly given: readonly GivenHook[];
  readonly hooks: readonly TabledHook[];
}

/** What the keys of a tag's hooks begin with. */
export function tagOwner(tag: string): string {
  return `tag:${tag}`;
}

/** The key of a hook module. */
export function moduleKey({ module }: Pick<ImportedModule, "module">): HookKey {
  return `module:${module}` as HookKey;
}

/** The code of every hook in a config, by key: what a hook thread rings. */
export function importedHooks({
  config,
  modules,
}: ImportedConfig): ReadonlyMap<string, HookFunction> {
  const flows = (config?.options.flows ?? []).flatMap((flow) =>
    tabledHooks(`flow:${flow.name}`, flow.hooks),
  );
  const tasks = registeredTasks().flatMap((task) => tabledHooks(`task:${task.name}`, task.hooks));
  const tags = tabledTagHooks(config?.options.tags).flatMap(({ hooks }) => hooks);
  return new Map<string, HookFunction>([
    ...[...flows, ...tasks, ...tags].map(({ key, run }) => [key, run] as const),
    ...modules.map((module) => [moduleKey(module), module.hook.options.run] as const),
  ]);
}

/** Why a value under an option is no hook; undefined when it is one. */
export function faultOfHook({ path, value }: GivenHook): string | undefined {
  return codeOf(value) === undefined
    ? `${path} is ${typeof value === "string" ? "a string" : described(value)}, expected a function`
    : undefined;
}

/** Where the config makes a hook; where its owner stands for a plain function. */
export function siteOfHook(value: unknown, owner: Site | undefined): Site | undefined {
  return isMade<Hook>(value, "hook") ? (value.definedAt ?? owner) : owner;
}

function codeOf(value: unknown): Pick<TabledHook, "name" | "run" | "options"> | undefined {
  if (isHookFunction(value)) {
    return { name: value.name || "anonymous", run: value, options: undefined };
  }
  if (typeof value !== "object" || value === null) return undefined;
  const options: unknown = Reflect.get(value, "kind") === "hook" && Reflect.get(value, "options");
  if (typeof options !== "object" || options === null) return undefined;
  const run: unknown = Reflect.get(options, "run");
  const named: unknown = Reflect.get(options, "name");
  if (!isHookFunction(run)) return { name: "invalid", run: () => {}, options };
  return { name: typeof named === "string" ? named : run.name || "anonymous", run, options };
}

function isHookFunction(value: unknown): value is HookFunction {
  return isFunction(value);
}
