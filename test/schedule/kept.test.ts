import { expect, test } from "bun:test";
import { kept } from "../../src/schedule/kept.ts";

test("what was asked for last is made once, and no more than a bound is kept", () => {
  const made: string[] = [];
  const lengthOf = kept(4, (text) => {
    made.push(text);
    return text.length;
  });

  const texts = ["a", "bb", "a", "ccc", "bb", "dddd", "a"];

  expect(texts.map(lengthOf)).toEqual([1, 2, 1, 3, 2, 4, 1]);
  // "a" was in the older half when it went, "bb" was asked for again in time.
  expect(made).toEqual(["a", "bb", "ccc", "dddd", "a"]);
});
