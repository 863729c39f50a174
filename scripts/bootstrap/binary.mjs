import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { exitOf, ROOT, run } from "./tools.mjs";

/** Where the build leaves the program. */
export const BINARY = join(ROOT, "dist", process.platform === "win32" ? "tocsin.exe" : "tocsin");

const SOURCES = ["src", "hooks", "config", "package.json", "bun.lock", "scripts/build-binary.ts"];

/** Two of one signal within this time are one: npm and the terminal both pass Ctrl-C on. */
const SAME_SIGNAL_MS = 300;
const PARENT_LOOK_MS = 500;

/** Builds the program when a source is newer than it. Answers the exit code of the build. */
export async function buildWhenStale(tools) {
  if (existsSync(BINARY)) {
    const built = statSync(BINARY).mtimeMs;
    if (SOURCES.every((source) => newest(join(ROOT, source)) <= built)) return 0;
  }
  return await run(tools, ["bun", "scripts/build.ts"]);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stats.mtimeMs, ...inside);
}

/** Runs the daemon until it ends: signals are passed on, each once. Answers its exit code. */
export async function runDaemon(args) {
  // In a group of its own, so that a signal to ours does not reach it a second time: to the daemon the
  // second signal means "do not wait".
  const child = spawn(BINARY, ["serve", ...args], { cwd: ROOT, stdio: "inherit", detached: true });
  let last = { name: "", at: 0 };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, () => {
      const at = performance.now();
      if (last.name !== name || at - last.at > SAME_SIGNAL_MS) child.kill(meaningOf(name));
      last = { name, at };
    });
  }
  // npm and its shell may be killed without a word to us: whoever started the daemon is gone then.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, PARENT_LOOK_MS);
  const code = await exitOf(child, BINARY);
  clearInterval(watch);
  return code;
}

/** A terminal that closes says SIGHUP, which would make the daemon reload and stay. */
function meaningOf(name) {
  return name === "SIGHUP" && process.stdin.isTTY ? "SIGTERM" : name;
}
