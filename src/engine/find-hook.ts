import type { HookModuleSpec, Manifest } from "../domain/flow.ts";
import { listHooks, type OwnedHook } from "../domain/hook-list.ts";

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
