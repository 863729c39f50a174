import * as v from "valibot";
import type { ConfigProblem, FlowSpec, Manifest, TaskSpec } from "../domain/flow.ts";
import type { JsonObject } from "../domain/json.ts";
import { type Config, SETTING_NAMES } from "../sdk/config.ts";
import type { Flow } from "../sdk/flow.ts";
import { registeredTasks } from "../sdk/registry.ts";
import { described, isJson, isObject, texts, wholeNumber } from "./config-values.ts";
import { type Findings, findings, type Subject } from "./findings.ts";
import { type ImportedConfig, isMade } from "./import-config.ts";
import { readBlockTypes } from "./read-block-types.ts";
import { readFlow } from "./read-flow.ts";
import { readModule } from "./read-hook-modules.ts";
import { readTagHooks } from "./read-tag-hooks.ts";
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
  const blockTypes = readBlockTypes(config, subject, found);
  const tagHooks = readTagHooks(config, { flows, subject, found });
  const hookModules = modules.flatMap((module) => readModule(module, { config, flows, found }));
  const all = [...problems, ...found.problems];
  return all.length > 0
    ? { type: "refused", problems: all }
    : {
        type: "accepted",
        manifest: { flows, tasks, tagHooks, hookModules, limits, settings, blockTypes },
      };
}

const CONFIG_OPTIONS = v.object({
  flows: v.array(v.unknown(), "a list of flows"),
  hooks: v.optional(texts()),
  tags: v.optional(v.unknown()),
  blockTypes: v.optional(v.array(v.unknown(), "a list of types made by blockType()")),
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
    ([name, value]) =>
      !["flows", "hooks", "tags", "blockTypes", "limits"].includes(name) && value !== undefined,
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
