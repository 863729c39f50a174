import type { FlowSpec, HookModuleSpec, HookSpec, Manifest } from "./flow.ts";

/** A hook of the config, and whose it is: that decides what it is told of. */
export interface OwnedHook {
  readonly hook: HookSpec;
  readonly owner:
    | { readonly kind: "flow"; readonly flow: FlowSpec }
    | { readonly kind: "task"; readonly task: string }
    | { readonly kind: "tag"; readonly tag: string }
    | { readonly kind: "module"; readonly module: HookModuleSpec };
}

export type HookOwners = Pick<Manifest, "flows" | "tasks" | "tagHooks" | "hookModules">;

/** Every hook of a config, with its owner. */
export function listHooks(owners: HookOwners): readonly OwnedHook[] {
  const { flows, tasks, tagHooks, hookModules } = owners;
  const owned = (hooks: readonly HookSpec[], owner: OwnedHook["owner"]) =>
    hooks.map((hook) => ({ hook, owner }));
  return [
    ...flows.flatMap((flow) => owned(flow.hooks, { kind: "flow", flow })),
    ...tasks.flatMap(({ name, hooks }) => owned(hooks, { kind: "task", task: name })),
    ...tagHooks.flatMap(({ tag, hooks }) => owned(hooks, { kind: "tag", tag })),
    ...hookModules.flatMap((module) => owned([module], { kind: "module", module })),
  ];
}

/** Every hook of a config. */
export function hooksOf({ flows, tasks, tagHooks, hookModules }: HookOwners): readonly HookSpec[] {
  return [...[...flows, ...tasks, ...tagHooks].flatMap(({ hooks }) => hooks), ...hookModules];
}
