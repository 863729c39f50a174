import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { requireSigned, signatureFault, signedAdHoc } from "../../scripts/mach-o.ts";

const TEXT = 0x3000;
/** Where the signature begins: in the middle of a page, as in a real program. */
const SIGNED = 0x3a10;
const OLD_SIZE = 64;

/** A program for macOS with the least that one has, and a signature of something else. */
function program(): Buffer {
  const bytes = Buffer.alloc(SIGNED + OLD_SIZE, 7);
  const command = (at: number, kind: number, size: number) => {
    bytes.fill(0, at, at + size);
    bytes.writeUInt32LE(kind, at);
    bytes.writeUInt32LE(size, at + 4);
  };
  const segment = (at: number, name: string, [start, size]: readonly [number, number]) => {
    command(at, 0x19, 72);
    bytes.write(name, at + 8);
    bytes.writeBigUInt64LE(BigInt(size), at + 32);
    bytes.writeBigUInt64LE(BigInt(start), at + 40);
    bytes.writeBigUInt64LE(BigInt(size), at + 48);
  };
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(3, 16);
  segment(32, "__TEXT", [0, TEXT]);
  segment(104, "__LINKEDIT", [TEXT, bytes.length - TEXT]);
  command(176, 0x1d, 16);
  bytes.writeUInt32LE(SIGNED, 184);
  bytes.writeUInt32LE(OLD_SIZE, 188);
  const blobs = [0xfade0cc0, OLD_SIZE, 1, 0, 20, 0xfade0c02, 44, 0x20400, 0x10000, 44, 44, 0, 0];
  for (const [index, word] of [...blobs, TEXT].entries()) {
    bytes.writeUInt32BE(word, SIGNED + index * 4);
  }
  return bytes;
}

const signed = () => Buffer.from(signedAdHoc(program(), "tocsin"));

describe("the signature of a program for macOS", () => {
  test("is seen to cover less than the program, as Bun leaves it for Intel's processors", () => {
    expect(signatureFault(program())).toBe(`it covers ${TEXT} of ${SIGNED} bytes`);
    expect(() => requireSigned("x", program())).toThrow(
      'Cannot release "x": of its signature, it covers 12288 of 14864 bytes',
    );
  });

  test("made anew has the sum of every page, the last one as short as it is", () => {
    const bytes = signed();
    const directory = SIGNED + 20;
    const sums = directory + bytes.readUInt32BE(directory + 16);
    const sum = (from: number, to: number) =>
      createHash("sha256").update(bytes.subarray(from, to)).digest("hex");

    expect(signatureFault(bytes)).toBeUndefined();
    expect(bytes.readUInt32BE(directory + 28)).toBe(4);
    expect(bytes.toString("hex", sums, sums + 32)).toBe(sum(0, 0x1000));
    expect(bytes.toString("hex", sums + 96)).toBe(sum(0x3000, SIGNED));
  });

  test("made anew is ad hoc, has the program's name, and is the last thing in the file and its segment", () => {
    const bytes = signed();
    const directory = SIGNED + 20;
    const name = directory + bytes.readUInt32BE(directory + 20);

    expect(bytes.readUInt32BE(directory + 12)).toBe(0x20002);
    expect(bytes.toString("latin1", name, name + 7)).toBe("tocsin\0");
    expect(bytes.readUInt32LE(188)).toBe(bytes.length - SIGNED);
    expect(bytes.readUInt32BE(SIGNED + 4)).toBe(bytes.length - SIGNED);
    expect(Number(bytes.readBigUInt64LE(104 + 48))).toBe(bytes.length - TEXT);
    expect(Number(bytes.readBigUInt64LE(104 + 32)) % 0x4000).toBe(0);
    expect(bytes.subarray(192, SIGNED).equals(program().subarray(192, SIGNED))).toBe(true);
  });

  test("no longer fits when a byte of the program is another, or something lies behind it", () => {
    const other = signed();
    other[0x2000] = 8;

    expect(signatureFault(other)).toBe("the program is another");
    expect(signatureFault(Buffer.concat([signed(), Buffer.of(0)]))).toBe("it is not at the end");
    expect(signatureFault(signedAdHoc(other, "tocsin"))).toBeUndefined();
  });
});
