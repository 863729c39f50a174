import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { unitText } from "../../src/cli/service-unit.ts";
import { debianChangelog, debOf } from "./deb.ts";
import { type ArchiveEntry, tarOf, withFolders } from "./tar.ts";
import type { Target } from "./targets.ts";

/** What is told about a release in every file of it. */
export interface Edition {
  readonly version: string;
  /** Seconds since 1970 that its files carry. */
  readonly time: number;
  /** The licences of what is in the program. */
  readonly notices: string;
  /** By shell; none where the program cannot be run on the machine that makes the release. */
  readonly completions: Readonly<Record<string, string>>;
}

const CONFIG = "/etc/tocsin/flows.config.ts";
const SCRIPTS = ["postinst", "prerm", "postrm"];

/** The archive of one target: `tocsin-0.1.0-linux-x64.tar.gz`. */
export function archiveOf(target: Target, program: Uint8Array, edition: Edition): Uint8Array {
  const folder = `tocsin-${edition.version}-${target.name}`;
  const files: readonly ArchiveEntry[] = [
    { path: "tocsin", bytes: program, executable: true },
    ...["LICENSE", "README.md", "CHANGELOG.md"].map(copied),
    { path: "THIRD-PARTY-NOTICES.txt", bytes: Buffer.from(edition.notices) },
    ...Object.entries(edition.completions).map(([shell, text]) => ({
      path: `completions/tocsin.${shell}`,
      bytes: Buffer.from(text),
    })),
  ];
  const rooted = files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
  return gzipSync(tarOf(withFolders(rooted), edition.time), { level: 9 });
}

/** The Debian package of one target. */
export function debianPackageOf(
  architecture: string,
  program: Uint8Array,
  edition: Edition,
): Uint8Array {
  const { version, time, notices, completions } = edition;
  const licence = `${readFileSync("LICENSE", "utf8").trim()}\n\n${notices}`;
  const files: readonly ArchiveEntry[] = [
    { path: "usr/bin/tocsin", bytes: program, executable: true },
    { path: "usr/lib/systemd/system/tocsin.service", bytes: Buffer.from(packagedUnit()) },
    { path: "usr/share/doc/tocsin/copyright", bytes: Buffer.from(licence) },
    { path: "usr/share/doc/tocsin/changelog.gz", bytes: packed(debianChangelog(version, time)) },
    { path: "usr/share/doc/tocsin/CHANGELOG.md.gz", bytes: packed(copied("CHANGELOG.md").bytes) },
    { ...copied("packaging/deb/lintian-overrides"), path: "usr/share/lintian/overrides/tocsin" },
    ...Object.entries(completions).flatMap(([shell, text]) => {
      const path = COMPLETIONS[shell];
      return path === undefined ? [] : [{ path, bytes: Buffer.from(text) }];
    }),
  ];
  const scripts = SCRIPTS.map((name) => ({
    path: name,
    bytes: readFileSync(`packaging/deb/${name}`),
  }));
  return debOf({ version, architecture, files, scripts, time });
}

/** Where Debian's shells look for them. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: "usr/share/bash-completion/completions/tocsin",
  zsh: "usr/share/zsh/vendor-completions/_tocsin",
  fish: "usr/share/fish/vendor_completions.d/tocsin.fish",
};

/** The unit that `tocsin service install` would write for that config; without one it is not started. */
export function packagedUnit(): string {
  const unit = unitText({
    command: ["/usr/bin/tocsin"],
    configPath: CONFIG,
    name: "tocsin",
    ofUser: false,
  });
  return unit.replace("[Unit]\n", `[Unit]\nConditionPathExists=${CONFIG}\n`);
}

function packed(text: string | Uint8Array) {
  return gzipSync(text, { level: 9 });
}

function copied(path: string) {
  return { path, bytes: readFileSync(path) };
}
