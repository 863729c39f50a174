import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { requirePlatform } from "./executable.ts";
import { requireLibraries } from "./libraries.ts";
import type { Target } from "./targets.ts";

const RUNTIMES = "scripts/release/runtimes";
const SOURCES = ["src", "hooks", "config", "scripts", "package.json", "bun.lock", "tsconfig.json"];
/** Every platform's packages, and nothing of theirs is run. */
const INSTALL = [
  "install",
  "--frozen-lockfile",
  "--os=*",
  "--cpu=*",
  "--libc=*",
  "--ignore-scripts",
];

/** What a release is built from. */
export interface Materials {
  /** A copy of the sources, with the packages of bun.lock for all platforms. */
  readonly stage: string;
  /** Where Bun's programs for all platforms are installed. */
  readonly runtimes: string;
}

/**
 * Copies the sources into a folder of their own and installs there what the locks say: nothing that lies
 * about in the project's own node_modules gets into a release.
 */
export function gatherMaterials(folder: string): Materials {
  const stage = join(folder, "source");
  const runtimes = join(folder, "runtimes");
  rmSync(folder, { recursive: true, force: true });
  for (const source of SOURCES) cpSync(source, join(stage, source), { recursive: true });
  rmSync(join(stage, RUNTIMES), { recursive: true });
  install(stage, ["--production"]);
  mkdirSync(runtimes, { recursive: true });
  for (const file of ["package.json", "bun.lock"]) {
    cpSync(join(RUNTIMES, file), join(runtimes, file));
  }
  install(runtimes, []);
  return { stage, runtimes };
}

function install(folder: string, more: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, ...INSTALL, ...more], {
    cwd: folder,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (exitCode === 0) return;
  throw new Error(
    `Cannot install the packages of "${join(folder, "bun.lock")}": bun install answered ${exitCode}\n${stderr.toString().trim()}`,
  );
}

/** Fails, naming them all, when there are targets whose runtime or addon is not there. */
export function requireMaterials(targets: readonly Target[], materials: Materials): void {
  const faults = targets.flatMap((target) => faultsOf(target, materials));
  if (faults.length === 0) return;
  throw new Error(
    `Cannot release:\n${faults.map((fault) => `  ${fault}`).join("\n")}\nNothing was made; name the other targets with --target, or let bun reach its registry`,
  );
}

function faultsOf(target: Target, { stage, runtimes }: Materials): readonly string[] {
  const files = [
    [target.runtime, runtimePath(target, runtimes)],
    [target.addon, join(stage, "node_modules", target.addon, "index.node")],
  ] as const;
  return files.flatMap(([name, file]) => {
    if (!existsSync(file)) return [`${target.name}: package "${name}" could not be installed`];
    try {
      const bytes = readFileSync(file);
      requirePlatform(name, bytes, target.platform);
      requireLibraries(name, bytes, target.platform);
      return [];
    } catch (error) {
      return [`${target.name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** Bun's program for a target. */
export function runtimePath({ runtime }: Target, runtimes: string): string {
  return resolve(runtimes, "node_modules", runtime, "bin", "bun");
}
