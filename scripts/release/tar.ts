/** A file in an archive; its path has no slash at the front. One that ends in a slash is a folder. */
export interface ArchiveEntry {
  readonly path: string;
  readonly bytes?: Uint8Array;
  /** Whether it is a program. */
  readonly executable?: boolean;
}

const BLOCK = 512;

/**
 * A tar archive (ustar) of these entries, in this order: owned by root, and every time the same. Equal
 * entries make equal bytes, on any machine, which the `tar` of no two systems promises.
 */
export function tarOf(entries: readonly ArchiveEntry[], time: number): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const bytes = entry.bytes ?? new Uint8Array();
    const padding = new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [headerOf(entry, bytes.length, time), bytes, padding];
  });
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

/** The folders that these files lie in, each before what is in it, and the files. */
export function withFolders(files: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split("/").slice(0, -1);
    for (const index of parts.keys()) folders.add(`${parts.slice(0, index + 1).join("/")}/`);
  }
  return [...[...folders].map((path) => ({ path })), ...files].toSorted(byPath);
}

function byPath(one: ArchiveEntry, other: ArchiveEntry): number {
  if (one.path === other.path) return 0;
  return one.path < other.path ? -1 : 1;
}

function headerOf({ path, executable }: ArchiveEntry, size: number, time: number): Uint8Array {
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`Cannot archive "${path}": a path in it has 100 bytes at most`);
  }
  const isFolder = path.endsWith("/");
  const mode = isFolder || executable === true ? 0o755 : 0o644;
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(time, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(isFolder ? "5" : "0", 156);
  header.write("ustar\u000000", 257);
  header.write("root", 265);
  header.write("root", 297);
  header.write(octal(0, 7), 329);
  header.write(octal(0, 7), 337);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
