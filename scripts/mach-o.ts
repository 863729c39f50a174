import { createHash } from "node:crypto";

/** Where things lie in a Mach-O file of 64 bits. */
interface Layout {
  readonly view: DataView;
  /** The command that says where the signature is: the last thing in the file. */
  readonly signature: number;
  readonly text: number;
  readonly linkedit: number;
}

const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
/** A code directory of version 2.4, up to its name. */
const DIRECTORY_SIZE = 88;
const VERSION = 0x20400;
/** Made by nobody in particular (ad hoc), and by a linker: codesign replaces it without being forced to. */
const AD_HOC = 0x20002;
const MAIN_BINARY = 1n;
const SHA256 = 2;
const SUM = 32;
const PAGE_BITS = 12;
const PAGE = 1 << PAGE_BITS;

/** What is wrong with the signature of a program for macOS; undefined for one whose every page has its sum. */
export function signatureFault(bytes: Uint8Array): string | undefined {
  const { view, signature } = layoutOf(bytes);
  const start = view.getUint32(signature + 8, true);
  if (start + view.getUint32(signature + 12, true) !== bytes.length) return "it is not at the end";
  const directory = start + directoryIn(view, start);
  const limit = view.getUint32(directory + 32);
  if (limit !== start) return `it covers ${limit} of ${start} bytes`;
  const sums = directory + view.getUint32(directory + 16);
  const kept = bytes.subarray(sums, sums + SUM * view.getUint32(directory + 28));
  return Buffer.from(kept).equals(sumsOf(bytes, limit)) ? undefined : "the program is another";
}

/** Fails unless the signature of a program for macOS is one of this program. */
export function requireSigned(file: string, bytes: Uint8Array): void {
  const fault = signatureFault(bytes);
  if (fault !== undefined) throw new Error(`Cannot release "${file}": of its signature, ${fault}`);
}

/**
 * The same program with an ad hoc signature. Bun signs what it compiles for Apple's own processors; a program for
 * Intel's keeps the signature of Bun's, of whose pages many are no longer what was signed: macOS may end it for that.
 */
export function signedAdHoc(bytes: Uint8Array, name: string): Uint8Array {
  const before = layoutOf(bytes);
  const start = before.view.getUint32(before.signature + 8, true);
  const ident = Buffer.from(`${name}\0`);
  const pages = Math.ceil(start / PAGE);
  const size = 20 + DIRECTORY_SIZE + ident.length + pages * SUM;
  const signed = Buffer.concat([bytes.subarray(0, start), Buffer.alloc(size)]);
  const { view, signature, text, linkedit } = layoutOf(signed);
  view.setUint32(signature + 12, size, true);
  const inFile = BigInt(start + size) - view.getBigUint64(linkedit + 40, true);
  view.setBigUint64(linkedit + 48, inFile, true);
  view.setBigUint64(linkedit + 32, ((inFile + 0x3fffn) / 0x4000n) * 0x4000n, true);

  const head = DIRECTORY_SIZE + ident.length;
  // One blob, of the type of a code directory, right behind this.
  const blobs = [SUPER_BLOB, size, 1, 0, 20];
  const directory = [CODE_DIRECTORY, size - 20, VERSION, AD_HOC, head, DIRECTORY_SIZE, 0, pages];
  for (const [index, word] of [...blobs, ...directory, start].entries()) {
    view.setUint32(start + index * 4, word);
  }
  const at = start + 20;
  signed.set([SUM, SHA256, 0, PAGE_BITS], at + 36);
  view.setBigUint64(at + 64, view.getBigUint64(text + 40, true));
  view.setBigUint64(at + 72, view.getBigUint64(text + 48, true));
  view.setBigUint64(at + 80, MAIN_BINARY);
  signed.set(ident, at + DIRECTORY_SIZE);
  signed.set(sumsOf(signed, start), at + head);
  return signed;
}

function layoutOf(bytes: Uint8Array): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, number>();
  let at = 32;
  for (let left = view.getUint32(16, true); left > 0; left -= 1) {
    const command = view.getUint32(at, true);
    if (command === CODE_SIGNATURE) found.set("signature", at);
    if (command === SEGMENT) found.set(segmentName(bytes, at), at);
    at += view.getUint32(at + 4, true);
  }
  const place = (name: string) => {
    const offset = found.get(name);
    if (offset === undefined) throw new Error(`Cannot sign a program without "${name}"`);
    return offset;
  };
  const signature = place("signature");
  return { view, signature, text: place("__TEXT"), linkedit: place("__LINKEDIT") };
}

function segmentName(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at + 8, at + 24))
    .toString("latin1")
    .replace(/\0+$/, "");
}

/** Where the first code directory is, from the start of the signature. */
function directoryIn(view: DataView, start: number): number {
  const count = view.getUint32(start + 8);
  for (let index = 0; index < count; index += 1) {
    const offset = view.getUint32(start + 16 + index * 8);
    if (view.getUint32(start + offset) === CODE_DIRECTORY) return offset;
  }
  throw new Error("Cannot read a signature without a code directory");
}

/** One sum for each page; the last page ends where the signature begins. */
function sumsOf(bytes: Uint8Array, limit: number): Buffer {
  const sums: Buffer[] = [];
  for (let at = 0; at < limit; at += PAGE) {
    const page = bytes.subarray(at, Math.min(at + PAGE, limit));
    sums.push(createHash("sha256").update(page).digest());
  }
  return Buffer.concat(sums);
}
