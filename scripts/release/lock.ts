import { readFile } from "node:fs/promises";

/** A package of a `bun.lock`, with what it needs. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As npm writes it: `sha512-` and base64. */
  readonly integrity: string;
  /** Names of the packages that it needs to run, the optional ones that are locked among them. */
  readonly needs: readonly string[];
}

type Needs = Readonly<Record<string, string>>;
interface LockedInfo {
  readonly dependencies?: Needs;
  readonly optionalDependencies?: Needs;
}
interface LockFile {
  readonly lockfileVersion: number;
  readonly workspaces: Readonly<Record<string, LockedInfo>>;
  readonly packages: Readonly<Record<string, readonly [string, string, LockedInfo, string]>>;
}

const KNOWN_VERSIONS = [1, 2];

/** The packages that the program of a `bun.lock` needs to run, those of its tests not among them. */
export async function readLock(path: string): Promise<readonly LockedPackage[]> {
  const lock = Bun.JSONC.parse(await readFile(path, "utf8")) as LockFile;
  if (!KNOWN_VERSIONS.includes(lock.lockfileVersion)) {
    const why = `its version is ${lock.lockfileVersion}, known are ${KNOWN_VERSIONS.join(" and ")}`;
    throw new Error(`Cannot read lock "${path}": ${why}; adapt scripts/release/lock.ts`);
  }
  const found = new Map<string, LockedPackage>();
  const wanted = needsOf(lock.workspaces[""] ?? {});
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const locked = lock.packages[name];
    if (locked === undefined || found.has(name)) continue;
    const [spec, , info, integrity] = locked;
    const needs = needsOf(info).filter((need) => lock.packages[need] !== undefined);
    found.set(name, { name, version: spec.slice(spec.lastIndexOf("@") + 1), integrity, needs });
    wanted.push(...needs);
  }
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function needsOf({ dependencies = {}, optionalDependencies = {} }: LockedInfo): string[] {
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies)].toSorted();
}
