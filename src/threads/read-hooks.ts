import * as v from "valibot";
import { type HookSpec, MOMENTS, TASK_MOMENTS } from "../domain/flow.ts";
import type { GivenHook } from "../sdk/given-hook.ts";
import { described } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { HOOK_OPTIONS, hookSpec } from "./hook-options.ts";
import { faultOfHook, siteOfHook, tabledHooks } from "./hook-table.ts";

/** Hooks are read on their own: they may also be appended after the definition. */
export const MOMENT_OPTIONS = optionsFor(MOMENTS);
export const TASK_MOMENT_OPTIONS = optionsFor(TASK_MOMENTS);

function optionsFor(moments: readonly string[]) {
  return Object.fromEntries(moments.map((moment) => [moment, v.optional(v.unknown())]));
}

/** Checks the hooks of a flow or task and answers them as data. */
export function readHooks(
  owner: string,
  given: readonly GivenHook[],
  { subject, found }: { readonly subject: Subject; readonly found: Findings },
): readonly HookSpec[] {
  for (const hook of given) {
    const fault = faultOfHook(hook);
    if (fault !== undefined) found.add(subject, hook.path, fault);
  }
  return tabledHooks(owner, given).flatMap(({ key, name, run, given: hook, options }) => {
    const site = siteOfHook(hook.value, subject.site);
    const within: Subject = { ...subject, path: `${subject.path}.${hook.path}`, site };
    const values = found.read(within, HOOK_OPTIONS, options ?? { run });
    if (values === undefined) return [];
    const { on, flows, tags } = values;
    if (on !== undefined && !on.includes(hook.moment)) {
      const why = `${hook.path} is a hook for ${on.join(", ")} only, so here it can never ring`;
      found.add(subject, hook.path, why);
    }
    if (flows !== undefined || tags !== undefined) {
      const why = `${hook.path} has a filter (${described(flows ?? tags)}), which is for hook modules; leave it out`;
      found.add(subject, hook.path, why);
    }
    return [hookSpec(key, [hook.moment], { ...values, name })];
  });
}
