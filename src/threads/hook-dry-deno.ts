import * as modules from "node:module";
import type { Outside } from "../sdk/outside-notes.ts";
import { commandLine } from "./hook-dry-words.ts";

/** Deno's own way to start programs, and its `node:child_process`, whose functions cannot be replaced for importers. */
export function holdDeno(deno: object, outside: () => Outside | undefined): void {
  holdCommand(deno, outside);
  redirectImports();
}

function holdCommand(deno: object, outside: () => Outside | undefined): void {
  const real = Reflect.get(deno, "Command") as new (...args: readonly unknown[]) => object;
  const output = {
    code: 0,
    success: true,
    signal: null,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
  };
  const held = new Proxy(real, {
    construct(target, args, made) {
      const around = outside();
      if (around === undefined) return Reflect.construct(target, args, made);
      const list: unknown = Reflect.get(Object(args[1]), "args");
      const note = () =>
        around.begin({ request: commandLine([args[0], ...(Array.isArray(list) ? list : [])]) });
      const noted =
        <Answer>(answer: Answer) =>
        () => {
          note();
          return answer;
        };
      return {
        output: noted(Promise.resolve(output)),
        outputSync: noted(output),
        spawn: noted({
          pid: 0,
          status: Promise.resolve(output),
          output: async () => output,
          stdin: new WritableStream(),
          stdout: new Response("").body,
          stderr: new Response("").body,
          kill() {},
          ref() {},
          unref() {},
        }),
      };
    },
  });
  Reflect.set(deno, "Command", held);
}

type Resolve = (specifier: string, context: { readonly parentURL?: string }) => object;
type RegisterHooks = (hooks: {
  resolve(specifier: string, context: { readonly parentURL?: string }, next: Resolve): object;
}) => void;

/** Has user code import a module that is made of the module object, in which they are replaced. */
function redirectImports(): void {
  const register = Reflect.get(modules, "registerHooks") as RegisterHooks | undefined;
  const names = "ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync";
  const code = `import programs from "node:child_process"; export default programs; export const { ${names} } = programs;`;
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  register?.({
    resolve(specifier, context, next) {
      const isIt = /^(?:node:)?child_process$/.test(specifier) && context.parentURL !== url;
      return isIt ? { url, format: "module", shortCircuit: true } : next(specifier, context);
    },
  });
}
