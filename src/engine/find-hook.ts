import {
  DECISION_MOMENTS,
  type DecisionMoment,
  type FlowSpec,
  type HookModuleSpec,
  type HookSpec,
  type Manifest,
  type Moment,
} from "../domain/flow.ts";

/** A hook of the config, and whose it is: that decides what it is told of. */
export interface OwnedHook {
  readonly hook: HookSpec;
  readonly owner:
    | { readonly kind: "flow"; readonly flow: FlowSpec }
    | { readonly kind: "task"; readonly task: string }
    | { readonly kind: "tag"; readonly tag: string }
    | { readonly kind: "module"; readonly module: HookModuleSpec };
}

/** Every hook of a config. */
export function listHooks({ flows, tasks, tagHooks, hookModules }: Manifest): readonly OwnedHook[] {
  const owned = (hooks: readonly HookSpec[], owner: OwnedHook["owner"]) =>
    hooks.map((hook) => ({ hook, owner }));
  return [
    ...flows.flatMap((flow) => owned(flow.hooks, { kind: "flow", flow })),
    ...tasks.flatMap(({ name, hooks }) => owned(hooks, { kind: "task", task: name })),
    ...tagHooks.flatMap(({ tag, hooks }) => owned(hooks, { kind: "tag", tag })),
    ...hookModules.flatMap((module) => owned([module], { kind: "module", module })),
  ];
}

/** The hooks that a key or a name means. */
export function findHooks(manifest: Manifest, reference: string): readonly OwnedHook[] {
  const hooks = listHooks(manifest);
  const byKey = hooks.filter(({ hook }) => hook.key === reference);
  return byKey.length > 0 ? byKey : hooks.filter(({ hook }) => hook.name === reference);
}

/** Why the hook is never told of runs of this flow with these tags; undefined when it is. */
export function strangeTo(
  { owner }: OwnedHook,
  { flow, tags }: { readonly flow: string; readonly tags: readonly string[] },
): string | undefined {
  switch (owner.kind) {
    case "flow":
      return owner.flow.name === flow ? undefined : `it is a hook of flow "${owner.flow.name}"`;
    case "task":
      return undefined;
    case "tag":
      return tags.includes(owner.tag) ? undefined : `it is for what carries the tag "${owner.tag}"`;
    case "module":
      return outsideFilter(owner.module, flow, tags);
  }
}

function outsideFilter(
  { flows, tags: wanted }: HookModuleSpec,
  flow: string,
  tags: readonly string[],
): string | undefined {
  if (flows !== undefined && !flows.some((name) => name === flow)) {
    return `its filter lets through the flows ${flows.join(", ")}`;
  }
  if (wanted === undefined || wanted.some((tag) => tags.includes(tag))) return undefined;
  return `its filter lets through the tags ${wanted.join(", ")}`;
}

/** Whether the moment is one of a due time that becomes no run. */
export function isDecisionMoment(moment: Moment): moment is DecisionMoment {
  return DECISION_MOMENTS.some((one) => one === moment);
}
