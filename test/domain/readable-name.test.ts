import { expect, test } from "bun:test";
import { numbersNamed, readableName } from "../../src/domain/readable-name.ts";

test("many thousand runs in a row have different names, and neighbours ones that look nothing alike", () => {
  const names = Array.from({ length: 30_000 }, (_, index) => readableName(index + 1));

  expect(new Set(names).size).toBe(30_000);
  const [first, second] = [names[0]?.split("-"), names[1]?.split("-")];
  expect(first?.[0]).not.toBe(second?.[0]);
  expect(first?.[1]).not.toBe(second?.[1]);
  for (const name of names.slice(0, 1_000)) expect(name).toMatch(/^[a-z]+-[a-z]+$/);
});

test("a name leads back to every run that has it, newest first", () => {
  for (const no of [1, 2, 777, 29_999, 123_456, 1_000_003]) {
    const numbers = numbersNamed(readableName(no), 2_000_000);
    expect(numbers).toContain(no);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(new Set(numbers.map(readableName))).toEqual(new Set([readableName(no)]));
    expect(numbersNamed(readableName(no), no)[0]).toBe(no);
  }
});

test("what is no such name leads nowhere", () => {
  for (const name of [
    "",
    "brave",
    "brave-",
    "-otter",
    "brave-otter-1",
    "brave-nobody",
    "01a2057b",
  ]) {
    expect(numbersNamed(name, 1_000_000)).toEqual([]);
  }
});
