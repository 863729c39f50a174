import { createRequire } from "node:module";
import { escapedForRegExp } from "./escaped-for-reg-exp.ts";

/** What differs between Bun and Deno inside a thread, and nothing else. */

/** A module as a Bun plugin gives it: source to be evaluated, or what it exports. */
export type LoadedModule =
  | { readonly contents: string; readonly loader: "ts" | "tsx" | "js" | "jsx" }
  | { readonly exports: object; readonly loader: "object" };

interface PluginBuilder {
  onLoad(
    files: { readonly filter: RegExp },
    load: (file: { readonly path: string }) => LoadedModule,
  ): void;
  module(
    specifier: string,
    load: () =>
      | { exports: object; loader: "object" }
      | Promise<{ exports: object; loader: "object" }>,
  ): void;
}
interface BunLike {
  readonly Transpiler: new (options: {
    readonly loader: string;
  }) => {
    transformSync(code: string): string;
  };
  plugin(plugin: { name: string; setup(build: PluginBuilder): void }): void;
}

/** Modules by the name under which user code imports them. */
export type VirtualModules = Readonly<Record<string, () => object | Promise<object>>>;

/** Makes the modules importable. Under Deno nothing is done: there the import map names the sources. */
export function provideModules(modules: VirtualModules): void {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (!isBunLike(bun)) return;
  bun.plugin({
    name: "tocsin",
    setup(build) {
      for (const [name, load] of Object.entries(modules)) {
        build.module(name, () => {
          const exports = load();
          return exports instanceof Promise
            ? exports.then((loaded) => ({ exports: loaded, loader: "object" }))
            : { exports, loader: "object" };
        });
      }
    },
  });
}

/** Has these files loaded by `load` instead of from disk, when they are imported. Only under Bun. */
export function serveFiles(paths: readonly string[], load: (path: string) => LoadedModule): void {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (!isBunLike(bun) || paths.length === 0) return;
  // Exactly these: Bun takes no "not mine" for an answer.
  const filter = new RegExp(`^(?:${paths.map(escapedForRegExp).join("|")})$`);
  bun.plugin({
    name: "tocsin-sources",
    setup: (build) => build.onLoad({ filter }, ({ path }) => load(path)),
  });
}

/** Code of another kind as plain JavaScript. Its lines may move. */
export function transpiled(code: string, loader: "ts" | "tsx" | "jsx"): string {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  return isBunLike(bun) ? new bun.Transpiler({ loader }).transformSync(code) : code;
}

/** What the modules of this thread that came from files export, by path. Empty under Deno, which keeps no account. */
export function loadedModules(): ReadonlyMap<string, unknown> {
  if (!isBunLike(Reflect.get(globalThis, "Bun"))) return new Map();
  const { cache } = createRequire(import.meta.url);
  return new Map(Object.entries(cache).map(([path, module]) => [path, module?.exports]));
}

/** Calls `before` whenever user code asks the thread to exit, and then lets it exit. */
export function beforeExit(before: (code: number) => void): void {
  const exit = process.exit.bind(process);
  const wrapped = (code?: number | string | null): never => {
    const given = Number(code ?? process.exitCode ?? 0);
    before(given);
    return exit(given);
  };
  process.exit = wrapped;
  const deno: unknown = Reflect.get(globalThis, "Deno");
  if (typeof deno === "object" && deno !== null) Reflect.set(deno, "exit", wrapped);
}

function isBunLike(value: unknown): value is BunLike {
  return typeof value === "object" && value !== null && "plugin" in value;
}
