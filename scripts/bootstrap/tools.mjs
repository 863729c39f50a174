import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const WINDOWS = process.platform === "win32";

/**
 * Sees to Bun of the pinned version and to the packages of bun.lock. Answers the environment for everything
 * that is run with them. Quick when both are there.
 */
export async function ensureTools() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20)
    throw new Error(`Cannot run on Node "${process.versions.node}": 20 is the oldest`);
  const bun = ensureBun(pinnedVersion());
  const env = {
    ...process.env,
    PATH: [dirname(bun), join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  };
  await ensurePackages({ env });
  return { env };
}

/** Runs a command of the tools in the project's folder, its output passed on. Answers its exit code. */
export function run({ env }, [command, ...args]) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ["ignore", "inherit", "inherit"] });
  return exitOf(child, command);
}

/** The exit code of a child; 128 and more when a signal ended it, as a shell says it. */
export function exitOf(child, name) {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new Error(`Cannot start "${name}": ${cause.message}`, { cause })),
    );
    child.once("close", (code, signal) => resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
  });
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

function pinnedVersion() {
  const { packageManager = "" } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const version = /^bun@(\d+\.\d+\.\d+)$/.exec(packageManager)?.[1];
  if (version !== undefined) return version;
  throw new Error(
    `Cannot read packageManager "${packageManager}" of package.json: expected bun@ and a version`,
  );
}

/** Answers the path of Bun's program, which it fetches with npm when it is not there yet. */
function ensureBun(version) {
  const packageName = bunPackage();
  const folder = join(ROOT, ".tools", `bun-${version}`);
  const program = (base) =>
    join(base, "node_modules", packageName, "bin", WINDOWS ? "bun.exe" : "bun");
  if (versionOf(program(folder)) === version) return program(folder);

  console.error(`Installing bun ${version} into .tools`);
  const partial = `${folder}.${process.pid}`;
  try {
    npmInstall(partial, `${packageName}@${version}`);
    const found = versionOf(program(partial));
    if (found !== version) {
      throw new Error(
        `${packageName} does not run on this machine (it says ${JSON.stringify(found)})`,
      );
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } catch (cause) {
    // Somebody else may have put it there in the meantime.
    if (versionOf(program(folder)) === version) return program(folder);
    throw new Error(
      `Cannot install bun "${version}": ${cause.message}; check that npm can reach its registry and try again`,
      { cause },
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return program(folder);
}

/** The package that holds Bun's program for this machine: the package `bun` itself needs an install script. */
function bunPackage() {
  const system = WINDOWS ? "windows" : process.platform;
  const processor = process.arch === "arm64" ? "aarch64" : process.arch;
  const glibc = process.report?.getReport().header.glibcVersionRuntime !== undefined;
  const musl = system === "linux" && !glibc ? "-musl" : "";
  return `@oven/bun-${system}-${processor}${musl}`;
}

function versionOf(program) {
  if (!existsSync(program)) return undefined;
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout.trim() : undefined;
}

function npmInstall(folder, spec) {
  mkdirSync(folder, { recursive: true });
  // A package of its own rather than --prefix, which would hide the machine's npmrc (proxy, certificates).
  writeFileSync(join(folder, "package.json"), "{}");
  const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
  const args = ["install", ...flags, "--loglevel=error", spec];
  const npm = process.env.npm_execpath ?? "";
  const [command, ...first] = npm.endsWith("npm-cli.js") ? [process.execPath, npm] : ["npm"];
  const { status, error, stderr } = spawnSync(command, [...first, ...args], {
    cwd: folder,
    encoding: "utf8",
    shell: WINDOWS && command === "npm",
  });
  if (error !== undefined) throw new Error(`npm cannot be started (${error.message})`);
  if (status !== 0) throw new Error(`npm answered ${status}\n${stderr.trim()}\n`);
}

/** Installs what bun.lock says, unless that was done for this very lock. */
async function ensurePackages(tools) {
  const stamp = join(ROOT, "node_modules", ".tocsin-lock");
  const hash = createHash("sha256");
  for (const file of ["bun.lock", "package.json"]) hash.update(readFileSync(join(ROOT, file)));
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  const code = await run(tools, ["bun", "install", "--frozen-lockfile"]);
  if (code !== 0) {
    throw new Error(`Cannot install the packages of "bun.lock": bun install answered ${code}`);
  }
  writeFileSync(stamp, wanted);
}
