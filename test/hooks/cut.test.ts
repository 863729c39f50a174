import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bytesOf, cut, cutTo } from "../../hooks/receiver/cut.ts";

const TEXTS = fc.string({ unit: "binary", maxLength: 50 });

describe("cut()", () => {
  test("never answers more than is asked for, and leaves what fits", () => {
    fc.assert(
      fc.property(TEXTS, fc.integer({ min: 1, max: 60 }), (text, max) => {
        const shorter = cut(text, max);
        expect(shorter.length).toBeLessThanOrEqual(max);
        expect(shorter.isWellFormed()).toBe(true);
        expect(shorter === text).toBe(text.length <= max);
      }),
    );
  });
});

describe("cutTo()", () => {
  test("answers the longest start that fits, whatever is measured", () => {
    fc.assert(
      fc.property(TEXTS, fc.integer({ min: 3, max: 80 }), (text, max) => {
        const fits = (shorter: string) => bytesOf(shorter) <= max;
        const shorter = cutTo(text, fits);

        expect(fits(shorter)).toBe(true);
        const longer = cut(text, shorter.length + 2);
        if (shorter !== text) expect(longer === shorter || !fits(longer)).toBe(true);
      }),
    );
  });
});
