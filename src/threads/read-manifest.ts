import * as v from "valibot";
import type {
  ConfigProblem,
  FlowSpec,
  HookModuleSpec,
  Manifest,
  TaskSpec,
} from "../domain/flow.ts";
import type { JsonObject } from "../domain/json.ts";
import { nearest } from "../domain/nearest.ts";
import { type Config, SETTING_NAMES } from "../sdk/config.ts";
import type { Flow } from "../sdk/flow.ts";
import { registeredTasks } from "../sdk/registry.ts";
import { described, isJson, isObject, texts, wholeNumber } from "./config-values.ts";
import { type Findings, findings, type Subject } from "./findings.ts";
import { HOOK_OPTIONS, hookModuleSpec } from "./hook-table.ts";
import { type ImportedConfig, type ImportedModule, isMade } from "./import-config.ts";
import { readFlow } from "./read-flow.ts";
import { readTask } from "./read-task.ts";

export type ManifestAnswer =
  | { readonly type: "accepted"; readonly manifest: Manifest }
  | { readonly type: "refused"; readonly problems: readonly ConfigProblem[] };

/** Checks an imported config, all of it, and answers it as data. */
export function readManifest(imported: ImportedConfig, configPath: string): ManifestAnswer {
  const { config, modules, problems } = imported;
  if (config === undefined) return { type: "refused", problems };
  const found = findings(configPath);
  const subject: Subject = { title: "config", path: "", site: config.definedAt };
  const { settings, limits } = readOptions(config, subject, found);
  const flows = readFlows(config, subject, { found, configPath });
  const tasks = readTasks(found);
  const hookModules = modules.flatMap((module) => readModule(module, { config, flows, found }));
  const all = [...problems, ...found.problems];
  return all.length > 0
    ? { type: "refused", problems: all }
    : { type: "accepted", manifest: { flows, tasks, hookModules, limits, settings } };
}

const CONFIG_OPTIONS = v.object({
  flows: v.array(v.unknown(), "a list of flows"),
  hooks: v.optional(texts()),
  limits: v.optional(
    v.record(
      v.string(),
      wholeNumber(1, 10_000),
      "an object such as { db: 3 }: how many runs that carry a tag may go on at once",
    ),
    {},
  ),
  ...Object.fromEntries(SETTING_NAMES.map((name) => [name, v.optional(v.unknown())])),
});

function readOptions(
  { options }: Config,
  subject: Subject,
  found: Findings,
): Pick<Manifest, "settings" | "limits"> {
  const limits = found.read(subject, CONFIG_OPTIONS, options)?.limits ?? {};
  if (!isObject(options)) return { settings: {}, limits };
  const settings = Object.entries(options).filter(
    ([name, value]) => !["flows", "hooks", "limits"].includes(name) && value !== undefined,
  );
  const known: [string, JsonObject[string]][] = [];
  for (const [name, value] of settings) {
    if (isJson(value)) known.push([name, value]);
    else
      found.add(
        subject,
        name,
        `${name} is ${described(value)}, expected a value that JSON can hold`,
      );
  }
  return { settings: Object.fromEntries(known), limits };
}

function readFlows(
  { options }: Config,
  config: Subject,
  { found, configPath }: { readonly found: Findings; readonly configPath: string },
): readonly FlowSpec[] {
  const listed: unknown = options?.flows;
  if (!Array.isArray(listed)) return [];
  const firsts = new Map<unknown, number>();
  return listed.flatMap((value: unknown, index) => {
    const path = `flows[${index}]`;
    if (!isMade<Flow>(value, "flow")) {
      const why = `${path} is ${described(value)}, expected a flow made by flow({ name, run })`;
      found.add(config, path, why);
      return [];
    }
    const first = firsts.get(value.name);
    if (first === undefined) firsts.set(value.name, index);
    else {
      const subject = { title: `flow "${value.name}"`, path, site: value.definedAt };
      found.add(subject, "name", `flows[${first}] has this name already; names are unique`);
    }
    return readFlow(value, path, { found, configPath }) ?? [];
  });
}

function readTasks(found: Findings): readonly TaskSpec[] {
  const seen = new Set<string>();
  return registeredTasks().flatMap((task, index) => {
    const spec = readTask(task, index, found);
    if (spec === undefined) return [];
    if (seen.has(spec.name)) {
      const subject = {
        title: `task "${spec.name}"`,
        path: `tasks[${index}]`,
        site: task.definedAt,
      };
      found.add(subject, "name", "another task has this name already; names are unique");
    }
    seen.add(spec.name);
    return [spec];
  });
}

interface ModuleReading {
  readonly config: Config;
  readonly flows: readonly FlowSpec[];
  readonly found: Findings;
}

function readModule(
  { module, hook }: ImportedModule,
  { config, flows, found }: ModuleReading,
): readonly HookModuleSpec[] {
  const path = `hooks[${config.options.hooks?.indexOf(module)}]`;
  const subject: Subject = { title: `hook module "${module}"`, path, site: hook.definedAt };
  const values = found.read(subject, HOOK_OPTIONS, hook.options);
  if (values === undefined) return [];
  const spec = hookModuleSpec(module, values);
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
