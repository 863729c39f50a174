import { readFileSync } from "node:fs";
import { VERSION } from "../version.ts";
import { type Finding, ok, reasonOf, warn, wrong } from "./finding.ts";

const FILES_LEAST = 1_024;
const DRIFT_MS = 250;
const DRIFT_MS_MOST = 20;
/** A clock before the year in which this was written was never set. */
const YEAR_LEAST = 2026;

/** The program itself, its engine, the clock and the limits: what has nothing to do with a config. */
export async function examineMachine(): Promise<readonly Finding[]> {
  return [program(), await engine(), await clock(), ...openFiles()];
}

function program(): Finding {
  const { bun, deno } = process.versions;
  const runtime = deno === undefined ? `bun ${bun}` : `deno ${deno}`;
  const where = `${process.platform}-${process.arch}`;
  return ok("program", `tocsin ${VERSION}, ${runtime} on ${where}, ${process.execPath}`);
}

/** The database engine is unpacked and loaded when it is first needed: docs/decisions/0004. */
async function engine(): Promise<Finding> {
  try {
    await import("../store/lock.ts");
  } catch (error) {
    return wrong("engine", reasonOf(error), "set XDG_CACHE_HOME to a folder that may execute");
  }
  const loaded = loadedEngine();
  return ok("engine", loaded === undefined ? "it loads" : `it loads from ${loaded}`);
}

function loadedEngine(): string | undefined {
  return /(\S+libsql\S*\.node)$/m.exec(textOf("/proc/self/maps"))?.[1];
}

async function clock(): Promise<Finding> {
  const drift = await measureDrift();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const now = new Date();
  const shown = `${now.toISOString()}, time zone ${timeZone}`;
  if (now.getFullYear() < YEAR_LEAST) {
    return wrong("clock", `${shown}: it was never set`, "set the clock, and have it kept by NTP");
  }
  if (Math.abs(drift) <= DRIFT_MS_MOST) return ok("clock", shown);
  const words = `it went ${drift.toFixed(0)} ms astray within ${DRIFT_MS} ms`;
  return warn("clock", `${shown}: ${words}`, "something sets the clock: look at NTP");
}

/** How much further the wall clock went than the monotonic one. */
async function measureDrift(): Promise<number> {
  const [wall, monotonic] = [Date.now(), performance.now()];
  await new Promise((done) => setTimeout(done, DRIFT_MS));
  return Date.now() - wall - (performance.now() - monotonic);
}

function openFiles(): readonly Finding[] {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(textOf("/proc/self/limits")) ?? [];
  if (soft === undefined) return [];
  const message = `${soft} open files at once`;
  if (Number(soft) >= FILES_LEAST) return [ok("limits", message)];
  return [warn("limits", message, `raise it: ulimit -n ${FILES_LEAST}, or LimitNOFILE= in a unit`)];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
