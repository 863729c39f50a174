import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";

/**
 * Each room, lowest floor first, and all it may import beside itself: a room, a file, a package, or `node:*`.
 * Type imports count. A room inside another is listed by itself; `src` is the files that lie in it, the
 * composition root. ARCHITECTURE.md explains the floors.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  config: ["src/domain", "valibot"],
  "src/domain": ["valibot"],
  "src/schedule": ["src/domain", "croner", "cronstrue"],
  "src/crontab": ["src/schedule"],
  "src/sdk": ["src/domain", "valibot", "node:*"],
  hooks: ["src/sdk", "tocsin", "node:*"],
  "hooks/mail": ["src/sdk", "nodemailer"],
  "src/version.ts": ["package.json"],
  "src/self-command.ts": ["src/store/admit-file.ts", "node:*"],
  "src/watch-config.ts": ["src/log.ts", "node:*"],
  "src/log.ts": ["src/domain", "node:*"],
  "src/service-manager.ts": ["src/service-socket.ts"],
  "src/service-socket.ts": ["node:*"],
  "src/store": ["src/domain", "kysely", "libsql", "@libsql/client", "valibot", "node:*"],
  "src/threads": [
    "src/domain",
    "src/sdk",
    "src/schedule",
    "hooks",
    "valibot",
    "@valibot/to-json-schema",
    "node:*",
  ],
  "src/engine": ["src/domain", "src/schedule", "src/store", "src/log.ts"],
  "src/metrics": ["src/domain", "src/store"],
  "src/dashboard": ["node:*"],
  "src/dashboard/page": [
    "src/domain",
    "src/store/run-history.ts",
    "src/http/api-deps.ts",
    "src/http/explain-view.ts",
    "src/http/flow-view.ts",
    "src/http/hook-view.ts",
    "src/http/overview-routes.ts",
    "src/http/token-routes.ts",
    "src/http/upcoming-view.ts",
    "preact",
    "@preact/signals",
  ],
  "src/http": [
    "src/domain",
    "src/dashboard",
    "src/schedule",
    "src/store/run-history.ts",
    "src/engine/commands.ts",
    "src/log.ts",
    "src/version.ts",
    "hono",
    "valibot",
    "@valibot/to-json-schema",
    "node:crypto",
  ],
  "src/cli": ["src", "config", "hooks", "commander", "@bomb.sh/tab", "hono", "valibot", "node:*"],
  src: ["config", "valibot", "node:*"],
};

/** One import: the file that has it, and where it leads (a path from the root, or a package). */
export interface Import {
  readonly file: string;
  readonly target: string;
}

/** The imports of a file's source, `import type`, `export … from`, `import()` and side effects included. */
export function importsOf(file: string, source: string): readonly Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const specifiers = PATTERNS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(([, specifier = ""]) => specifier),
  );
  return specifiers.map((specifier) => ({ file, target: targetOf(file, specifier) }));
}

const PATTERNS = [
  /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s+["']([^"']+)["']/gm,
  /^\s*import\s+["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
  /\brequire\(\s*["']([^"']+)["']/g,
];

/** Those that the table does not let through, as `file → target`. */
export function strangersAmong(
  imports: readonly Import[],
  table: Readonly<Record<string, readonly string[]>> = MAY_IMPORT,
): readonly string[] {
  return imports
    .filter((one) => !mayImport(one, table))
    .map((one) => `${one.file} → ${one.target}`);
}

function mayImport({ file, target }: Import, table: typeof MAY_IMPORT): boolean {
  const room = roomOf(file, Object.keys(table));
  if (room === undefined) return false;
  return [room, ...(table[room] ?? [])].some((allowed) => isWithin(target, allowed));
}

/** The innermost room of the table that a file is in. */
export function roomOf(file: string, rooms: readonly string[]): string | undefined {
  return rooms
    .filter((room) => (room === "src" ? dirname(file) === "src" : isWithin(file, room)))
    .toSorted((one, other) => other.length - one.length)[0];
}

function isWithin(target: string, allowed: string): boolean {
  if (allowed.endsWith("*")) return target.startsWith(allowed.slice(0, -1));
  return target === allowed || target.startsWith(`${allowed}/`);
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  if (specifier === "tocsin") return "src/sdk/mod.ts";
  return specifier.replace(/^tocsin\/hooks\/(.+)$/, "hooks/$1.ts");
}

/** Every source file of ours that the table must know. */
export async function listSources(): Promise<readonly string[]> {
  const files = await Array.fromAsync(new Glob("{src,hooks,config}/**/*.{ts,tsx}").scan("."));
  return files.filter((file) => !file.includes("/generated/")).toSorted();
}

/** The imports of every source file. */
export async function listImports(): Promise<readonly Import[]> {
  const files = await listSources();
  const imports = await Promise.all(
    files.map(async (file) => importsOf(file, await readFile(file, "utf8"))),
  );
  return imports.flat();
}
