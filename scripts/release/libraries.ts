import { type Platform, segmentsOf } from "./executable.ts";

const LOADED = 1;
const DYNAMIC = 2;
const NEEDED = 1n;
const TEXTS = 5n;

/** What docs/install.md and the Debian package say that a machine must have. */
const PROMISED: Readonly<Record<NonNullable<Platform["libc"]>, RegExp>> = {
  glibc: /^(?:ld-linux-[\w-]+|lib(?:c|dl|gcc_s|m|pthread|rt))\.so\.\d$/,
  musl: /^(?:libc\.musl-\w+\.so\.1|libc\.so|libgcc_s\.so\.1|libstdc\+\+\.so\.6)$/,
};

/** The libraries that a 64-bit ELF file asks its loader for. */
export function librariesOf(bytes: Uint8Array): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = segmentsOf(view);
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  if (dynamic === undefined) return [];
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => {
    const at = dynamic.offset + index * 16;
    return [view.getBigUint64(at, true), Number(view.getBigUint64(at + 8, true))] as const;
  });
  const address = entries.find(([tag]) => tag === TEXTS)?.[1] ?? 0;
  const home = segments.find(
    (one) => one.type === LOADED && address >= one.address && address < one.address + one.size,
  );
  const texts = address - (home?.address ?? 0) + (home?.offset ?? 0);
  return entries.flatMap(([tag, value]) => (tag === NEEDED ? [textAt(bytes, texts + value)] : []));
}

/** Fails when a program or addon wants a library that nobody was told to install. */
export function requireLibraries(file: string, bytes: Uint8Array, { libc }: Platform): void {
  if (libc === undefined) return;
  const other = librariesOf(bytes).filter((name) => !PROMISED[libc].test(name));
  if (other.length === 0) return;
  throw new Error(
    `Cannot release "${file}": it needs ${other.join(", ")}; say so in docs/install.md, in scripts/release/deb.ts and in scripts/release/libraries.ts`,
  );
}

function textAt(bytes: Uint8Array, start: number): string {
  return Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString("latin1");
}
