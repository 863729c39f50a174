import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hostTarget } from "../build-binary.ts";
import { requireSigned } from "../mach-o.ts";
import { requirePlatform } from "./executable.ts";
import { requireLibraries } from "./libraries.ts";
import { noticesText, withLicences } from "./licences.ts";
import { readLock } from "./lock.ts";
import { gatherMaterials, type Materials, requireMaterials, runtimePath } from "./materials.ts";
import { archiveOf, debianPackageOf, type Edition } from "./package-files.ts";
import { sbomOf } from "./sbom.ts";
import type { Target } from "./targets.ts";
import { completionsOf, tryProgram } from "./try-program.ts";

export interface ReleaseOrder {
  readonly version: string;
  readonly targets: readonly Target[];
  /** Seconds since 1970 that every file carries. */
  readonly time: number;
  /** A folder to build in. What was in it goes; after a failure it stays. */
  readonly work: string;
  /** Where the files of the release go; what was in it goes. */
  readonly out: string;
  readonly say: (line: string) => void;
}

/** Makes all files of a release. Answers the sums of their content by their names. */
export async function makeRelease(order: ReleaseOrder): Promise<ReadonlyMap<string, string>> {
  const { version, targets, time, work, out, say } = order;
  const materials = gatherMaterials(work);
  requireMaterials(targets, materials);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const sums = new Map<string, string>();
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(out, name), bytes);
    sums.set(name, createHash("sha256").update(bytes).digest("hex"));
  };

  const packages = await packagesIn(materials, targets);
  const needs = [...Object.keys(dependenciesOf(materials)), ...targets.map((one) => one.runtime)];
  const sbom = sbomOf({ version, needs, packages, time });
  write(`tocsin-${version}.cdx.json`, Buffer.from(`${JSON.stringify(sbom, null, 2)}\n`));

  const programs = targets.map((target) => ({ target, file: build(target, materials, work) }));
  const host = programs.find(({ target }) => target.compile === hostTarget());
  const said = host === undefined ? undefined : tryProgram(host.file);
  const completions = host === undefined ? {} : completionsOf(host.file);
  const edition = { version, time, notices: noticesText(packages), completions };
  for (const { target, file } of programs) {
    const names = writeTarget(target, { file, edition, write });
    const tried = target === host?.target ? `made, and run here: ${said}` : "made, not run here";
    say(`${target.name.padEnd(16)}  ${tried}  (${names.join(", ")})`);
  }
  const lines = [...sums].toSorted().map(([name, sum]) => `${sum}  ${name}\n`);
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
  rmSync(work, { recursive: true });
  return sums;
}

interface Making {
  readonly file: string;
  readonly edition: Edition;
  readonly write: (name: string, bytes: Uint8Array) => void;
}

function writeTarget(target: Target, { file, edition, write }: Making): readonly string[] {
  const program = readFileSync(file);
  const archive = `tocsin-${edition.version}-${target.name}.tar.gz`;
  write(archive, archiveOf(target, program, edition));
  if (target.debian === undefined) return [archive];
  const deb = `tocsin_${edition.version}_${target.debian}.deb`;
  write(deb, debianPackageOf(target.debian, program, edition));
  return [archive, deb];
}

/** Compiles in the copy of the sources, by its own script: paths of this machine stay out of the program. */
function build(target: Target, { stage, runtimes }: Materials, work: string): string {
  const outfile = resolve(work, "programs", target.name, "tocsin");
  mkdirSync(join(outfile, ".."), { recursive: true });
  const options = ["--target", target.compile, "--runtime", runtimePath(target, runtimes)];
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "scripts/build.ts", ...options, "--outfile", outfile],
    { cwd: stage, stdout: "ignore", stderr: "pipe" },
  );
  if (exitCode !== 0) {
    throw new Error(`Cannot build for "${target.name}": ${stderr.toString().trim()}`);
  }
  const program = readFileSync(outfile);
  requirePlatform(outfile, program, target.platform);
  requireLibraries(outfile, program, target.platform);
  if (target.platform.system === "darwin") requireSigned(outfile, program);
  return outfile;
}

/** Every package that is in one of the programs, Bun itself among them. */
async function packagesIn({ stage, runtimes }: Materials, targets: readonly Target[]) {
  const addons = targets.map((target) => target.addon);
  const locked = await readLock(join(stage, "bun.lock"));
  const inside = locked.filter(({ name }) => !name.startsWith("@libsql/") || addons.includes(name));
  const bun = await readLock(join(runtimes, "bun.lock"));
  const within = bun.filter(({ name }) => targets.some((target) => target.runtime === name));
  return [
    ...withLicences(inside, join(stage, "node_modules")),
    ...withLicences(within, join(runtimes, "node_modules")),
  ];
}

function dependenciesOf({ stage }: Materials): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(stage, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return dependencies;
}
