import programs, { ChildProcess, type SpawnSyncReturns } from "node:child_process";
import type { Outside } from "../sdk/outside-notes.ts";
import { endedChild } from "./hook-dry-child.ts";
import { holdDeno } from "./hook-dry-deno.ts";
import { commandLine, shown } from "./hook-dry-words.ts";

type Around = () => Outside | undefined;
type AnyFunction = (...args: never[]) => unknown;

/** Notes programs that a tried hook would start, and lets each seem to have ended well and said nothing. */
export function holdPrograms(outside: Around): void {
  holdChildren(outside);
  holdSync(outside);
  holdKill(outside);
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (typeof bun === "object" && bun !== null) holdBun(bun, outside);
  const deno: unknown = Reflect.get(globalThis, "Deno");
  if (typeof deno === "object" && deno !== null) holdDeno(deno, outside);
}

/** `spawn`, `exec`, `execFile` and `fork` all come through here, however they were imported. */
function holdChildren(outside: Around): void {
  // Not in the types, but what all of node:child_process is made of.
  const real = Reflect.get(ChildProcess.prototype, "spawn") as AnyFunction;
  Reflect.set(
    ChildProcess.prototype,
    "spawn",
    function held(this: ChildProcess, ...args: [options: object]) {
      const around = outside();
      if (around === undefined) return Reflect.apply(real, this, args);
      const written = endedChild(this, Reflect.get(args[0], "stdio"));
      around.begin({ request: commandLine(Reflect.get(args[0], "args")), detail: written });
      return 0;
    },
  );
}

/** In Bun these are made of `Bun.spawnSync`; in Deno only code that has them of the module object comes here. */
function holdSync(outside: Around): void {
  const nothing = (options: unknown): string | Buffer => {
    const encoding: unknown = Reflect.get(Object(options), "encoding");
    return typeof encoding === "string" && encoding !== "buffer" ? "" : Buffer.alloc(0);
  };
  const ended = (options: unknown): SpawnSyncReturns<string | Buffer> => {
    const empty = nothing(options);
    const output = [null, empty, empty];
    return { pid: 0, status: 0, signal: null, output, stdout: empty, stderr: empty };
  };
  const hold = (
    name: "spawnSync" | "execFileSync" | "execSync",
    answer: typeof ended | typeof nothing,
  ) => {
    const real: AnyFunction = programs[name];
    Reflect.set(programs, name, (command: string, ...rest: readonly unknown[]) => {
      const around = outside();
      if (around === undefined) return Reflect.apply(real, programs, [command, ...rest]);
      const list = Array.isArray(rest[0]) ? rest[0] : [];
      around.begin({ request: commandLine([command, ...list]) });
      return answer(rest.at(-1));
    });
  };
  hold("spawnSync", ended);
  hold("execFileSync", nothing);
  hold("execSync", nothing);
}

/** The number of a program that was not started means somebody else. */
function holdKill(outside: Around): void {
  const real = process.kill.bind(process);
  process.kill = (pid, signal = "SIGTERM") => {
    const around = outside();
    if (around === undefined) return real(pid, signal);
    around.begin({ request: `kill ${pid} with ${signal}` });
    return true;
  };
}

function holdBun(bun: object, outside: Around): void {
  const hold = (name: "spawn" | "spawnSync", answer: (options: unknown) => unknown) => {
    const real = Reflect.get(bun, name) as AnyFunction;
    Reflect.set(bun, name, (...args: readonly unknown[]) => {
      const around = outside();
      if (around === undefined) return Reflect.apply(real, bun, args);
      const options = Array.isArray(args[0]) ? args[1] : args[0];
      const command = Array.isArray(args[0]) ? args[0] : Reflect.get(Object(options), "cmd");
      around.begin({ request: commandLine(command) });
      return answer(options);
    });
  };
  hold("spawn", endedSubprocess);
  hold("spawnSync", () => ({ ...ENDED, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }));
  holdShell(bun, outside);
}

const ENDED = { pid: 0, exitCode: 0, success: true, signalCode: null, killed: false };

/** What `Bun.spawn` answers, ended at once. */
function endedSubprocess(options: unknown): object {
  const onExit: unknown = Reflect.get(Object(options), "onExit");
  const nothing = () => {};
  const subprocess = {
    ...ENDED,
    stdin: {
      write: (data: string) => data.length,
      flush: nothing,
      end: nothing,
      ref: nothing,
      unref: nothing,
    },
    stdout: new Response("").body,
    stderr: new Response("").body,
    exited: Promise.resolve(0),
    kill: nothing,
    ref: nothing,
    unref: nothing,
    send: nothing,
    disconnect: nothing,
    resourceUsage: () => undefined,
    [Symbol.dispose]: nothing,
    [Symbol.asyncDispose]: async () => {},
  };
  if (typeof onExit === "function") queueMicrotask(() => onExit(subprocess, 0, null));
  return subprocess;
}

/** The shell of `Bun.$`: its own `true` starts no program, and answers as every command does. */
function holdShell(bun: object, outside: Around): void {
  type Shell = (strings: TemplateStringsArray, ...values: readonly unknown[]) => unknown;
  const real = Reflect.get(bun, "$") as Shell;
  const held: Shell = (strings, ...values) => {
    const around = outside();
    if (around === undefined) return real(strings, ...values);
    const text = strings.raw.map(
      (part, at) => part + (at < values.length ? shown(values[at]) : ""),
    );
    around.begin({ request: text.join("") });
    return real`true`;
  };
  for (const key of Reflect.ownKeys(real)) {
    const value: unknown = Reflect.get(real, key);
    Reflect.defineProperty(held, key, { value, configurable: true, writable: true });
  }
  Object.setPrototypeOf(held, Object.getPrototypeOf(real));
  Reflect.set(held, "Shell", function HeldShell() {
    return held;
  });
  Reflect.set(bun, "$", held);
}
