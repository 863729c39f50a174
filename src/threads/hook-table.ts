import * as v from "valibot";
import { STANDARD_LADDER_MS } from "../domain/delivery.ts";
import type { HookModuleSpec, HookSpec, Moment } from "../domain/flow.ts";
import type { FlowName, HookKey } from "../domain/ids.ts";
import type { GivenHook } from "../sdk/given-hook.ts";
import type { HookFunction } from "../sdk/hook.ts";
import { registeredTasks } from "../sdk/registry.ts";
import { described, duration, isFunction, moments, name, oneOrMoreTexts } from "./config-values.ts";
import type { ImportedConfig, ImportedModule } from "./import-config.ts";

const TIMEOUT_MS = 30_000;
/** The first further attempt comes at once; then the waits of the standard. */
const RETRY_MS: readonly number[] = [0, ...STANDARD_LADDER_MS];

/** The options of `hook()`. */
export const HOOK_OPTIONS = v.object({
  name: v.optional(name()),
  on: v.optional(moments()),
  flows: v.optional(oneOrMoreTexts()),
  tags: v.optional(oneOrMoreTexts()),
  timeout: v.optional(duration(), TIMEOUT_MS),
  retry: v.optional(v.array(duration(), 'a list of durations such as ["5s", "5m"]')),
  run: v.custom<HookFunction>(isHookFunction, "a function"),
});
type HookValues = v.InferOutput<typeof HOOK_OPTIONS>;

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

/** The key of a hook module. */
function moduleKey({ module }: Pick<ImportedModule, "module">): HookKey {
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
  return new Map<string, HookFunction>([
    ...[...flows, ...tasks].map(({ key, run }) => [key, run] as const),
    ...modules.map((module) => [moduleKey(module), module.hook.options.run] as const),
  ]);
}

/** A hook as data. */
export function hookSpec(key: HookKey, moments: readonly Moment[], values: HookValues): HookSpec {
  return {
    key,
    name: values.name ?? (values.run.name || "anonymous"),
    moments,
    timeoutMs: values.timeout,
    retryMs: values.retry ?? RETRY_MS,
  };
}

/** A hook module as data. */
export function hookModuleSpec(module: string, values: HookValues): HookModuleSpec {
  const key = moduleKey({ module });
  return {
    ...hookSpec(key, values.on ?? [], { ...values, name: values.name ?? module }),
    module,
    ...(values.flows === undefined ? {} : { flows: values.flows as FlowName[] }),
    ...(values.tags === undefined ? {} : { tags: values.tags }),
  };
}

/** Why a value under an option is no hook; undefined when it is one. */
export function faultOfHook({ path, value }: GivenHook): string | undefined {
  return codeOf(value) === undefined
    ? `${path} is ${typeof value === "string" ? "a string" : described(value)}, expected a function`
    : undefined;
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
