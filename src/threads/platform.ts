/** What differs between Bun and Deno inside a thread, and nothing else. */

interface PluginBuilder {
  module(
    specifier: string,
    load: () =>
      | { exports: object; loader: "object" }
      | Promise<{ exports: object; loader: "object" }>,
  ): void;
}
interface BunLike {
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
