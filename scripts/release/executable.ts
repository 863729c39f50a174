/** What a program or library is made for, by its header. */
export interface Platform {
  readonly system: "linux" | "darwin";
  readonly arch: "x64" | "arm64";
  /** Of a Linux program; a library does not say. */
  readonly libc?: "glibc" | "musl";
}

/** A part of an ELF file, and where it comes to lie in memory. */
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const ELF = 0x464c457f;
const MACH_O = 0xfeedfacf;
const ELF_MACHINES: Readonly<Record<number, Platform["arch"]>> = { 62: "x64", 183: "arm64" };
const MACH_PROCESSORS: Readonly<Record<number, Platform["arch"]>> = {
  16777223: "x64",
  16777228: "arm64",
};
const INTERPRETER = 3;

/** Reads the header of a 64-bit ELF or Mach-O file; undefined for anything else. */
export function platformOf(bytes: Uint8Array): Platform | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic === ELF) return elf(view);
  if (magic !== MACH_O) return undefined;
  const arch = MACH_PROCESSORS[view.getUint32(4, true)];
  return arch === undefined ? undefined : { system: "darwin", arch };
}

/** Fails unless a file is made for the platform it is meant for. */
export function requirePlatform(file: string, bytes: Uint8Array, wanted: Platform): void {
  const found = platformOf(bytes);
  const libcFits = found?.libc === undefined || found.libc === wanted.libc;
  if (found?.system === wanted.system && found.arch === wanted.arch && libcFits) return;
  throw new Error(
    `Cannot release "${file}": it is made for ${inWords(found)}, not for ${inWords(wanted)}`,
  );
}

/** The parts of a 64-bit ELF file that are loaded, or tell how to load it. */
export function segmentsOf(view: DataView): readonly Segment[] {
  const first = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  return Array.from({ length: view.getUint16(56, true) }, (_, index) => {
    const at = first + index * size;
    const word = (offset: number) => Number(view.getBigUint64(at + offset, true));
    return { type: view.getUint32(at, true), offset: word(8), address: word(16), size: word(32) };
  });
}

function elf(view: DataView): Platform | undefined {
  const arch = ELF_MACHINES[view.getUint16(18, true)];
  if (arch === undefined) return undefined;
  const loader = loaderOf(view);
  if (loader === undefined) return { system: "linux", arch };
  return { system: "linux", arch, libc: loader.includes("ld-musl") ? "musl" : "glibc" };
}

/** The program that loads it: `/lib64/ld-linux-x86-64.so.2`, `/lib/ld-musl-x86_64.so.1`. */
function loaderOf(view: DataView): string | undefined {
  const place = segmentsOf(view).find(({ type }) => type === INTERPRETER);
  if (place === undefined) return undefined;
  const start = view.byteOffset + place.offset;
  return Buffer.from(view.buffer, start, place.size).toString("latin1");
}

function inWords(platform: Platform | undefined): string {
  if (platform === undefined) return "no platform that is known";
  const { system, arch, libc } = platform;
  return [system, arch, libc].filter((word) => word !== undefined).join(" ");
}
