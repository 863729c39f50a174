import { addonPackage } from "../build-binary.ts";
import type { Platform } from "./executable.ts";

/** One platform that releases are made for. */
export interface Target {
  /** As it stands in the archive's name. */
  readonly name: string;
  readonly compile: Bun.Build.CompileTarget;
  /** The npm package with Bun's program for it. */
  readonly runtime: string;
  /** The npm package with libsql's addon for it. */
  readonly addon: string;
  /** What the header of a program for it says. */
  readonly platform: Platform;
  /** Debian's word for its processor, where a package is made. */
  readonly debian?: string;
}

/** By the archive's name: Bun's word for the platform, and Debian's for its processor. */
const PLATFORMS = [
  { name: "linux-x64", bun: "linux-x64", arch: "x64", libc: "glibc", debian: "amd64" },
  { name: "linux-arm64", bun: "linux-aarch64", arch: "arm64", libc: "glibc", debian: "arm64" },
  { name: "linux-x64-musl", bun: "linux-x64-musl", arch: "x64", libc: "musl" },
  { name: "linux-arm64-musl", bun: "linux-aarch64-musl", arch: "arm64", libc: "musl" },
  { name: "darwin-x64", bun: "darwin-x64", arch: "x64" },
  { name: "darwin-arm64", bun: "darwin-aarch64", arch: "arm64" },
] as const;

export const TARGETS: readonly Target[] = PLATFORMS.map(({ name, bun, arch, ...more }) => ({
  name,
  compile: `bun-${name}`,
  runtime: `@oven/bun-${bun}`,
  addon: addonPackage(`bun-${name}`),
  platform:
    "libc" in more ? { system: "linux", arch, libc: more.libc } : { system: "darwin", arch },
  ...("debian" in more ? { debian: more.debian } : {}),
}));

/** The targets of those names; all of them for none. */
export function requireTargets(names: readonly string[]): readonly Target[] {
  if (names.length === 0) return TARGETS;
  return [...new Set(names)].map((name) => {
    const found = TARGETS.find((one) => one.name === name);
    if (found !== undefined) return found;
    const there = TARGETS.map((one) => one.name).join(", ");
    throw new Error(`Cannot release for "${name}": there is no such target; there are ${there}`);
  });
}
