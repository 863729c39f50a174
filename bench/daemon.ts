import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = resolve(process.env["TOCSIN_BINARY"] ?? "dist/tocsin");

/** The compiled daemon in a folder of its own, serving a config. */
export interface BenchDaemon {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  /** Milliseconds from spawn to the first answer of /livez. */
  readonly upAfterMs: number;
  /** Ends it and leaves its folder. */
  end(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface BenchDaemonOptions {
  readonly env?: Readonly<Record<string, string>>;
}

export async function startBenchDaemon(
  config: string,
  folder = newFolder(),
  { env = {} }: BenchDaemonOptions = {},
): Promise<BenchDaemon> {
  writeFileSync(join(folder, "flows.config.ts"), config);
  const began = performance.now();
  const port = await freePort();
  const child = spawn(BINARY, ["serve", "--listen", `127.0.0.1:${port}`, "--no-watch", "-q"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
  });
  const ended = new Promise((done) => child.once("exit", done));
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/livez`, child);
  const end = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return {
    url,
    pid: child.pid ?? 0,
    folder,
    upAfterMs: performance.now() - began,
    end,
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "tocsin-bench-"));
}

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return port ?? 0;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const end = performance.now() + 10_000;
  while (performance.now() < end && child.exitCode === null) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      await new Promise((done) => setTimeout(done, 1));
    }
  }
  throw new Error(`Cannot reach ${url}: the daemon did not come up`);
}

export interface Status {
  readonly runs: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<string, number>>;
}

export async function statusOf(daemon: BenchDaemon): Promise<Status> {
  return (await (await fetch(`${daemon.url}/api/status`)).json()) as Status;
}

/** Waits until so many runs are completed and as many deliveries delivered; fails on any other end. */
export async function allDone(daemon: BenchDaemon, count: number): Promise<void> {
  while (!isDone(await statusOf(daemon), count)) {
    await new Promise((done) => setTimeout(done, 50));
  }
}

function isDone({ runs, deliveries }: Status, count: number): boolean {
  const { COMPLETED: completed = 0, FAILED: failed = 0, CRASHED: crashed = 0 } = runs;
  const { delivered = 0, dead = 0 } = deliveries;
  const lost = failed + crashed + dead;
  if (lost > 0) throw new Error(`${lost} runs or deliveries did not end well`);
  if (completed > count) throw new Error("there are more runs than were asked for");
  return completed === count && delivered === count;
}

/** Seconds of processor time that a process and its threads have used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Proportional set size in megabytes: shared pages counted by share. */
export function pssMb(pid: number): number {
  const [, kb] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(kb) / 1_024;
}
