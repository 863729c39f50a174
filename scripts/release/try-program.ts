import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs a program that was made for this machine, on a machine's bare environment: it says its version, makes a
 * config, loads its engine, and runs a flow. Answers what it said its version is.
 */
export function tryProgram(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-release-"));
  const run = (args: readonly string[]) => output(program, args, folder);
  try {
    const version = run(["version"]);
    run(["init", "."]);
    run(["run", "hello"]);
    run(["blocks", "set", "string/greeting"]);
    const greeting = run(["blocks", "get", "string/greeting"]);
    if (greeting !== "hello") throw new Error(`Cannot trust "${program}": it kept "${greeting}"`);
    return version;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the program prints for the completion of each shell. */
export function completionsOf(program: string): Readonly<Record<string, string>> {
  const shells = ["bash", "fish", "zsh"];
  return Object.fromEntries(
    shells.map((shell) => [shell, `${output(program, ["complete", shell], tmpdir())}\n`]),
  );
}

function output(program: string, args: readonly string[], folder: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([program, ...args], {
    cwd: folder,
    env: { HOME: folder, XDG_CACHE_HOME: folder, PATH: "/usr/bin:/bin" },
    stdin: Buffer.from("hello"),
    stdout: "pipe",
    stderr: "pipe",
  });
  if (exitCode === 0) return stdout.toString().trim();
  throw new Error(
    `Cannot release "${program}": tocsin ${args.join(" ")} answered ${exitCode}: ${stderr.toString().trim()}`,
  );
}
