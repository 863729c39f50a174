import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ConfigProblem, Sources } from "../domain/flow.ts";
import type { Config } from "../sdk/config.ts";
import type { Hook } from "../sdk/hook.ts";
import { closeRegistry } from "../sdk/registry.ts";
import { importProblems } from "./import-problems.ts";

/** A hook module of the config, imported. */
export interface ImportedModule {
  /** As the config names it. */
  readonly module: string;
  readonly hook: Hook;
}

/** A config and its hook modules as code, with everything that kept a part from being imported. */
export interface ImportedConfig {
  readonly config: Config | undefined;
  readonly modules: readonly ImportedModule[];
  readonly problems: readonly ConfigProblem[];
}

/** What of a config is imported. */
export interface Importing {
  readonly configPath: string;
  /** The files as they were accepted; undefined while the config is read to be accepted. */
  readonly sources: Sources | undefined;
  readonly withModules: boolean;
}

/** Imports the config into this thread. Its hook modules only where `withModules` says so. */
export async function importConfig(importing: Importing): Promise<ImportedConfig> {
  const { configPath, withModules } = importing;
  const exported = await importDefault(configPath, importing);
  if ("problems" in exported) return { config: undefined, modules: [], ...exported };
  if (!isMade<Config>(exported.value, "config")) {
    const message = `Cannot read config "${configPath}": its default export is ${kindOf(exported.value)}, expected export default defineConfig({ flows: […] })`;
    return { config: undefined, modules: [], problems: [{ path: "", message }] };
  }
  const config = exported.value;
  const listed: unknown = withModules ? config.options?.hooks : [];
  const { modules, problems } = await importModules(listed, importing);
  closeRegistry();
  return { config, modules, problems };
}

async function importModules(listed: unknown, importing: Importing) {
  const modules: ImportedModule[] = [];
  const problems: ConfigProblem[] = [];
  for (const [index, module] of (Array.isArray(listed) ? listed : []).entries()) {
    if (typeof module !== "string") continue;
    const imported = await importModule(module, importing);
    if ("hook" in imported) modules.push(imported);
    else problems.push(...imported.map((problem) => ({ ...problem, path: `hooks[${index}]` })));
  }
  return { modules, problems };
}

async function importModule(
  module: string,
  importing: Importing,
): Promise<ImportedModule | readonly ConfigProblem[]> {
  const file = moduleFile(importing.configPath, module);
  const title = `Cannot read hook module "${module}"`;
  if (importing.sources === undefined && !existsSync(file))
    return [{ path: "", message: `${title}: there is no such file` }];
  const exported = await importDefault(file, importing);
  if ("problems" in exported) return exported.problems;
  if (isMade<Hook>(exported.value, "hook")) return { module, hook: exported.value };
  const message = `${title}: its default export is ${kindOf(exported.value)}, expected export default hook({ on, run })`;
  return [{ path: "", message }];
}

/** The file of a hook module that a config lists. */
export function moduleFile(configPath: string, module: string): string {
  return resolve(dirname(configPath), module);
}

type Exported = { readonly value: unknown } | { readonly problems: readonly ConfigProblem[] };

async function importDefault(file: string, { configPath, sources }: Importing): Promise<Exported> {
  try {
    const module: unknown = await import(pathToFileURL(sources?.links[file] ?? file).href);
    return { value: Reflect.get(Object(module), "default") };
  } catch (thrown) {
    return { problems: importProblems(thrown, { file, configPath }) };
  }
}

/** Whether the value was made by the function of the sdk that gives this kind. */
export function isMade<Made extends { readonly kind: string }>(
  value: unknown,
  kind: Made["kind"],
): value is Made {
  const holds = typeof value === "function" || (typeof value === "object" && value !== null);
  return holds && Reflect.get(value, "kind") === kind;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`.replace("a object", "an object");
}
