import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { systemRandom, uuidv7 } from "../../src/domain/ids.ts";
import { instant, isoOf, later } from "../../src/domain/instant.ts";
import { NOON } from "./subjects.ts";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map(instant);
const tenBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe("uuidv7()", () => {
  test("is a UUID of version 7 and variant 2, whatever the time and the bytes", () => {
    fc.assert(
      fc.property(instants, tenBytes, (now, bytes) => {
        expect(uuidv7(now, () => bytes)).toMatch(UUID_7);
      }),
    );
  });

  test("begins with the milliseconds since the epoch", () => {
    const [high = "", low = ""] = uuidv7(NOON).split("-");

    expect(Number.parseInt(high + low, 16)).toBe(NOON);
  });

  test("spells the bytes of its random source out", () => {
    const all = uuidv7(instant(0x0123_4567_89ab), () => new Uint8Array(10).fill(0xff));

    expect(all).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
  });

  test("sorts by time, as text", () => {
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        fc.pre(one < other);

        expect(uuidv7(one) < uuidv7(other)).toBe(true);
      }),
    );
  });

  test("is not made twice in one millisecond", () => {
    const ids = Array.from({ length: 10_000 }, () => uuidv7(NOON, systemRandom));

    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("instants", () => {
  test("are said in UTC, with milliseconds", () => {
    expect(isoOf(later(NOON, 7))).toBe("2026-06-01T12:00:00.007Z");
  });
});
