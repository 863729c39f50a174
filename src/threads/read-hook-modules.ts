import {
  type FlowSpec,
  type HookModuleSpec,
  isDecisionMoment,
  type Moment,
} from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { Config } from "../sdk/config.ts";
import type { Findings, Subject } from "./findings.ts";
import { HOOK_OPTIONS, hookModuleSpec } from "./hook-options.ts";
import { moduleKey } from "./hook-table.ts";
import type { ImportedModule } from "./import-config.ts";

interface ModuleReading {
  readonly config: Config;
  readonly flows: readonly FlowSpec[];
  readonly found: Findings;
}

/** Checks a hook module and answers it as data. */
export function readModule(
  { module, hook }: ImportedModule,
  { config, flows, found }: ModuleReading,
): readonly HookModuleSpec[] {
  const path = `hooks[${config.options.hooks?.indexOf(module)}]`;
  const subject: Subject = { title: `hook module "${module}"`, path, site: hook.definedAt };
  const values = found.read(subject, HOOK_OPTIONS, hook.options);
  if (values === undefined) return [];
  const spec = hookModuleSpec(moduleKey({ module }), module, values);
  if (spec.moments.length === 0) {
    found.add(
      subject,
      "on",
      'on names no moments, so it can never ring; expected on: ["onFailure"] or others',
    );
  }
  // Filters are held against what there is only where all of it could be read.
  if (flows.length < config.options.flows.length) return [spec];
  checkFilter(spec, flows, { subject, found });
  return [spec];
}

function checkFilter(
  spec: HookModuleSpec,
  flows: readonly FlowSpec[],
  { subject, found }: { readonly subject: Subject; readonly found: Findings },
): void {
  for (const name of spec.flows ?? []) {
    const names = flows.map((flow) => flow.name);
    if (names.some((known) => known === name)) continue;
    found.add(
      subject,
      "flows",
      `its filter names flow "${name}", and there is no such flow${hint(name, names)}`,
    );
  }
  const heard = flows.filter((flow) => spec.flows?.includes(flow.name) ?? true);
  if (
    heard.length > 0 &&
    spec.moments.length > 0 &&
    !spec.moments.some((moment) => hasMoment(heard, moment))
  ) {
    const why = `no flow that it is for has ${spec.moments.join(" or ")}: that needs a schedule, and onRunningLong expectWithin`;
    found.add(subject, "on", why);
  }
  const tags = [...new Set(flows.flatMap((flow) => flow.tags))];
  if (spec.tags !== undefined && !spec.tags.some((tag) => tags.includes(tag))) {
    const named = spec.tags.map((tag) => `"${tag}"`).join(", ");
    found.add(
      subject,
      "tags",
      `no flow carries a tag of its filter (${named}), so it can never ring${hint(spec.tags[0] ?? "", tags)}`,
    );
  }
}

function hint(name: string, known: readonly string[]): string {
  const guess = nearest(name, known);
  return guess === undefined ? "" : `; did you mean "${guess}"?`;
}

/** Whether any of the flows ever has the moment. */
function hasMoment(flows: readonly FlowSpec[], moment: Moment): boolean {
  if (moment === "onRunningLong") return flows.some((flow) => flow.expectWithinMs !== undefined);
  if (moment !== "onLate" && !isDecisionMoment(moment)) return true;
  return flows.some((flow) => flow.schedules.length > 0);
}
