import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeRelease } from "./release/make-release.ts";
import { requireTargets } from "./release/targets.ts";

/*
 * Makes the files of a release: bun run release [--target linux-x64 …] [--out dist/release] [--twice] [--dirty]
 */
const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true, default: [] },
    out: { type: "string", default: "dist/release" },
    // Makes it all a second time, in another folder, and compares.
    twice: { type: "boolean", default: false },
    // Also with changes that are not committed.
    dirty: { type: "boolean", default: false },
  },
});

try {
  await release();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function release(): Promise<void> {
  const targets = requireTargets(values.target);
  const version = pinned();
  requireCommitted();
  const time = timeOfSources();
  const order = { version, targets, time, out: values.out, say: console.log };
  const sums = await makeRelease({ ...order, work: ".tools/release" });
  console.log(`${values.out}: ${sums.size} files and SHA256SUMS`);
  if (!values.twice) return;

  const out = resolve(".tools/release-again/out");
  const again = await makeRelease({
    ...order,
    work: ".tools/release-again/deeper",
    out,
    say: () => {},
  });
  const other = [...sums].filter(([name, sum]) => again.get(name) !== sum).map(([name]) => name);
  if (other.length > 0) {
    throw new Error(`Cannot make the same bytes twice: ${other.join(", ")} came out differently`);
  }
  console.log("Made a second time in another folder: every byte is the same");
}

/** The version of the release. Bun must be the pinned one, whose programs the targets are made with. */
function pinned(): string {
  const { version, packageManager } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly version: string;
    readonly packageManager: string;
  };
  if (packageManager === `bun@${Bun.version}`) return version;
  throw new Error(`Cannot release with bun "${Bun.version}": package.json pins ${packageManager}`);
}

function requireCommitted(): void {
  if (values.dirty || !existsSync(".git")) return;
  const changes = git(["status", "--porcelain"]);
  if (changes === "") return;
  throw new Error(
    `Cannot release: ${changes.split("\n").length} files are not committed; commit them, or give --dirty for a release that nobody can make again`,
  );
}

/** When the newest commit was made, or what SOURCE_DATE_EPOCH says: all files carry it. */
function timeOfSources(): number {
  const given = process.env["SOURCE_DATE_EPOCH"] ?? "";
  const time = Number(given === "" ? git(["log", "-1", "--format=%ct"]) : given);
  if (Number.isSafeInteger(time) && time > 0) return time;
  throw new Error(
    "Cannot tell when the sources are from: there is no commit; set SOURCE_DATE_EPOCH",
  );
}

function git(args: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", ...args], { stderr: "pipe" });
  if (exitCode === 0) return stdout.toString().trim();
  throw new Error(`Cannot ask git: ${stderr.toString().trim()}`);
}
