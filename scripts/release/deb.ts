import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type ArchiveEntry, tarOf, withFolders } from "./tar.ts";

const MAINTAINER = "the tocsin authors <tocsin@localhost>";

/** What a Debian package is made of. */
export interface DebOrder {
  readonly version: string;
  /** Debian's word for the processor. */
  readonly architecture: string;
  /** Where each file goes, from the root. */
  readonly files: readonly ArchiveEntry[];
  /** `postinst` and the like. */
  readonly scripts: readonly ArchiveEntry[];
  /** Seconds since 1970 that every file of it carries. */
  readonly time: number;
}

/** The bytes of a `.deb`: an `ar` archive of two tars. Written here, so that it is the same on any machine. */
export function debOf({ files, scripts, time, ...order }: DebOrder): Uint8Array {
  const control: readonly ArchiveEntry[] = [
    { path: "control", bytes: Buffer.from(controlText(order, files)) },
    { path: "md5sums", bytes: Buffer.from(sumsText(files)) },
    ...scripts.map((script) => ({ ...script, executable: true })),
  ];
  return arOf(
    [
      ["debian-binary", Buffer.from("2.0\n")],
      ["control.tar.gz", packed(control, time)],
      ["data.tar.gz", packed(withFolders(files), time)],
    ],
    time,
  );
}

/** What Debian calls a changelog: this version, and where all changes are. */
export function debianChangelog(version: string, time: number): string {
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  return `tocsin (${debianVersion(version)}) unstable; urgency=medium

  * All changes are in CHANGELOG.md.gz.

 -- ${MAINTAINER}  ${date}
`;
}

function packed(entries: readonly ArchiveEntry[], time: number): Uint8Array {
  const rooted = [{ path: "./" }, ...entries.map((one) => ({ ...one, path: `./${one.path}` }))];
  return gzipSync(tarOf(rooted, time), { level: 9 });
}

function controlText(
  { version, architecture }: Pick<DebOrder, "version" | "architecture">,
  files: readonly ArchiveEntry[],
): string {
  const bytes = files.reduce((total, file) => total + (file.bytes?.length ?? 0), 0);
  return `${[
    "Package: tocsin",
    `Version: ${debianVersion(version)}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${Math.ceil(bytes / 1024)}`,
    // What its engine asks for; measured with objdump.
    "Depends: libc6 (>= 2.18), libgcc-s1",
    // procps has the kill with which the unit reloads.
    "Recommends: systemd, ca-certificates, procps",
    "Section: admin",
    "Priority: optional",
    "Description: runs flows on time, and rings when their state changes",
    " One program that schedules the flows of a flows.config.ts by cron, runs them in",
    " worker threads, keeps their state in an embedded database, and calls hooks when",
    " it changes.",
  ].join("\n")}\n`;
}

/** `1.0.0-beta.1` comes before `1.0.0`: Debian says that with a tilde. */
function debianVersion(version: string): string {
  return version.replace("-", "~");
}

function sumsText(files: readonly ArchiveEntry[]): string {
  return files
    .map(({ path, bytes = new Uint8Array() }) => {
      const sum = createHash("md5").update(bytes).digest("hex");
      return `${sum}  ${path}\n`;
    })
    .join("");
}

function arOf(members: readonly (readonly [name: string, bytes: Uint8Array])[], time: number) {
  const parts = members.flatMap(([name, bytes]) => [
    Buffer.from(
      `${name.padEnd(16)}${String(time).padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
    ),
    bytes,
    Buffer.alloc(bytes.length % 2, "\n"),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}
