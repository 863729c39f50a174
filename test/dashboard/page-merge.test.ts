import { describe, expect, test } from "bun:test";
import { type Known, merged, NOTHING } from "../../src/dashboard/page/page-merge.ts";

interface Item {
  readonly id: string;
  readonly state?: string;
}

/** A page of items whose ids are given, newest first. */
function page(ids: string, next?: string) {
  const items = [...ids].map((id): Item => ({ id }));
  return { items, ...(next === undefined ? {} : { next }) };
}

function idsOf({ items }: Known<Item>): string {
  return items.map(({ id }) => id).join("");
}

const FIRST = merged<Item>(NOTHING, page("zyx", "3"), undefined);
const BOTH = merged(FIRST, page("wvu", "6"), "x");

describe("a list of which pages are asked for bit by bit", () => {
  test("holds the pages after each other, with where to go on", () => {
    expect(idsOf(BOTH)).toBe("zyxwvu");
    expect([...BOTH.cursors]).toEqual([
      ["x", "3"],
      ["u", "6"],
    ]);
  });

  test("keeps what new ones push off the first page", () => {
    const now = merged(BOTH, page("~}|", "9"), undefined);

    expect(idsOf(now)).toBe("~}|zyxwvu");
    expect(now.cursors.get("|")).toBe("9");
  });

  test("loses what is gone from within a page, and nothing beside it", () => {
    const now = merged(BOTH, page("wut", "7"), "x");

    expect(idsOf(now)).toBe("zyxwut");
    expect(now.cursors.get("t")).toBe("7");
    expect(now.cursors.has("u")).toBe(false);
  });

  test("ends where a page says that there is no more", () => {
    const now = merged(BOTH, page("w"), "x");

    expect(idsOf(now)).toBe("zyxw");
    expect([...now.cursors.keys()]).toEqual(["x"]);
  });

  test("leaves out what nobody can tell the place of", () => {
    expect(merged(BOTH, page("sr", "8"), "q")).toBe(BOTH);
  });

  test("keeps the order that the daemon gives, whatever the ids are", () => {
    const first = merged<Item>(NOTHING, page("bca", "3"), undefined);
    const both = merged(first, page("zdy", "6"), "a");

    expect(idsOf(merged(both, page("fbc", "4"), undefined))).toBe("fbcazdy");
    expect(idsOf(merged(both, page("zy", "6"), "a"))).toBe("bcazy");
  });

  test("is empty once the first page is", () => {
    expect(idsOf(merged(BOTH, page(""), undefined))).toBe("");
  });

  test("keeps the items that say the same as before, and takes those that do not", () => {
    const changed = { items: [{ id: "w", state: "FAILED" }, { id: "v" }, { id: "u" }], next: "6" };

    const now = merged<Item>(BOTH, changed, "x");

    expect(now.items[3]).toEqual({ id: "w", state: "FAILED" });
    expect(now.items[4]).toBe(BOTH.items[4] as Item);
  });
});
