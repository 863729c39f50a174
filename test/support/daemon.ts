import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { RunView } from "../../src/domain/run-view.ts";
import { type Api, apiAt } from "./api.ts";
import { atEnd } from "./at-end.ts";
import { until } from "./until.ts";

/** The compiled program under test. */
export const BINARY = resolve(process.env["TOCSIN_BINARY"] ?? "dist/tocsin");

/** A test that is ended from outside must not leave its daemons behind. */
const LIVING = new Set<ChildProcess>();
atEnd(() => {
  for (const child of LIVING) child.kill("SIGKILL");
});

export interface ServeOptions {
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the binary: `["/usr/bin/env", "-i"]`. */
  readonly under?: readonly string[];
  /** The store, as the daemon would find it without being told. */
  readonly store?: string;
}

/** How a process that ran to its end ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly binary?: string;
}

/** A folder with a config, and the daemons that were started in it: all of it ends with the test. */
export interface Scene extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file; whoever reads it meanwhile sees the old one or the new one whole. */
  write(name: string, text: string): Promise<string>;
  /** A file's text; "" while there is none. */
  read(name: string): string;
  /** Starts the daemon and waits until it is ready. */
  serve(options?: ServeOptions): Promise<TestDaemon>;
  /** Starts the daemon and waits for it to end: it is expected to refuse. */
  refusal(options?: ServeOptions): Promise<Ended>;
  /** Runs one command of the binary to its end. */
  tocsin(args: readonly string[], options?: CommandOptions): Promise<Ended>;
}

export interface TestDaemon extends Api {
  readonly pid: number;
  /** What it wrote to standard error so far. */
  log(): string;
  kill9(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended by itself. */
  ended(): Promise<number | null>;
  /** Ends it by SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Makes a folder with a config in it. */
export async function aScene(config?: string): Promise<Scene> {
  if (!existsSync(BINARY)) {
    throw new Error(
      `Cannot test "${BINARY}": there is no such file; make it with: bun scripts/build.ts`,
    );
  }
  const root = mkdtempSync(join(tmpdir(), "tocsin-scene-"));
  const folder = join(root, "work");
  await mkdir(folder);
  const scene = sceneIn(root, folder);
  if (config !== undefined) await scene.write("flows.config.ts", config);
  return scene;
}

/** Whether a run has ended, whatever its end. */
export function isOver({ state }: RunView): boolean {
  return ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"].includes(state.type);
}

function sceneIn(root: string, folder: string): Scene {
  const children = new Set<ChildProcess>();
  let count = 0;
  const start = (options: ServeOptions) => {
    count += 1;
    const started = startProcess({ folder, logFile: join(root, `daemon-${count}.log`) }, options);
    children.add(started.child);
    return started;
  };
  return {
    folder,
    write: (name, text) => writeWhole(join(folder, name), text),
    read: (name) => textOf(join(folder, name)),
    serve: (options = {}) => untilReady(start(options), options.store ?? storeIn(folder)),
    refusal: (options = {}) => untilRefused(start(options)),
    tocsin: (args, options = {}) => runCommand(folder, args, options),
    async [Symbol.asyncDispose]() {
      await Promise.all([...children].map(killed));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function storeIn(folder: string): string {
  return join(folder, ".tocsin/state.db");
}

interface Started {
  readonly child: ChildProcess;
  readonly log: () => string;
}

function startProcess(
  { folder, logFile }: { readonly folder: string; readonly logFile: string },
  { args = [], env = {}, under = [] }: ServeOptions,
): Started {
  const [command = BINARY, ...rest] = [
    ...under,
    BINARY,
    "serve",
    "--listen",
    "127.0.0.1:0",
    ...args,
  ];
  const descriptor = openSync(logFile, "a");
  const child = spawn(command, rest, {
    cwd: folder,
    env: cleanEnvironment(folder, env),
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  LIVING.add(child);
  child.once("exit", () => LIVING.delete(child));
  return { child, log: () => textOf(logFile) };
}

/** Nothing of the machine that runs the tests but where its programs are. */
function cleanEnvironment(folder: string, more: Readonly<Record<string, string>>) {
  return { PATH: process.env["PATH"] ?? "", HOME: folder, ...more };
}

async function untilReady({ child, log }: Started, store: string): Promise<TestDaemon> {
  const pid = child.pid ?? 0;
  const url = await until(
    "the daemon listens",
    () => {
      if (hasEnded(child))
        throw new Error(`The daemon ended with ${child.exitCode ?? child.signalCode}\n${log()}`);
      return addressOf(`${store}.holder`, pid);
    },
    { log },
  );
  const api = apiAt(url, log);
  await until("the daemon is ready", async () => (await api.get("/readyz")).status === 200, {
    log,
  });
  const ended = () => exitOf(child, log);
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  return {
    ...api,
    pid,
    log,
    signal,
    ended,
    kill9: () => killed(child),
    stop() {
      signal("SIGTERM");
      return ended();
    },
  };
}

/** The address that this very process wrote down: the holder before it may have left its own. */
function addressOf(holderFile: string, pid: number): string | undefined {
  const text = textOf(holderFile);
  if (text === "") return undefined;
  const holder = JSON.parse(text) as { readonly pid: number; readonly url?: string };
  return holder.pid === pid ? holder.url : undefined;
}

async function untilRefused({ child, log }: Started): Promise<Ended> {
  return { code: await exitOf(child, log), out: "", err: log() };
}

async function exitOf(child: ChildProcess, log: () => string): Promise<number | null> {
  await until("the process ends", () => hasEnded(child), { log });
  return child.exitCode;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await until("the process is killed", () => hasEnded(child));
}

async function runCommand(
  folder: string,
  args: readonly string[],
  { stdin = "", env = {}, binary = BINARY }: CommandOptions,
): Promise<Ended> {
  const child = spawn(binary, [...args], { cwd: folder, env: cleanEnvironment(folder, env) });
  LIVING.add(child);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  const closed = Promise.withResolvers<void>();
  child.once("close", () => closed.resolve());
  const textsOf = () => `${Buffer.concat(out)}${Buffer.concat(err)}`;
  try {
    await exitOf(child, textsOf);
    await closed.promise;
  } finally {
    LIVING.delete(child);
    child.kill("SIGKILL");
  }
  return { code: child.exitCode, out: `${Buffer.concat(out)}`, err: `${Buffer.concat(err)}` };
}

async function writeWhole(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.draft`, text);
  await rename(`${path}.draft`, path);
  return path;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
