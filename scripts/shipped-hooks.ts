import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Where the threads find the shipped hooks: what is compiled into a binary cannot be listed when it runs. */
export const SHIPPED_HOOKS_PATH = "src/threads/generated/shipped-hooks.ts";

/** The names of the shipped hooks: each file in hooks/ is one. */
export function shippedHooks(root: string): readonly string[] {
  return readdirSync(join(root, "hooks"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.replace(/\.ts$/, ""))
    .toSorted();
}

/** The module that imports each shipped hook, when a config asks for it. */
export function shippedHooksModule(root: string): string {
  const lines = shippedHooks(root).map(
    (name) => `  "tocsin/hooks/${name}": () => import("../../../hooks/${name}.ts"),`,
  );
  return [
    "// Written by `bun run generate` from the files in hooks/.",
    "export const SHIPPED_HOOKS = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

/** deno.json with an entry of its import map for each shipped hook. */
export function denoSettings(root: string, settings: string): string {
  const ours = shippedHooks(root).map((name) => `    "tocsin/hooks/${name}": "./hooks/${name}.ts"`);
  const imports = ['    "tocsin": "./src/sdk/mod.ts"', ...ours].join(",\n");
  return settings.replace(/("imports": \{\n)[^}]*(\n {2}\})/, `$1${imports}$2`);
}
