import { describe, expect, test } from "bun:test";
import { evenRows, unevenRows } from "../../src/dashboard/page/row-places.ts";

describe("the places of rows", () => {
  test("are multiples where all rows are of one height", () => {
    const rows = evenRows(10, 41);

    expect([rows.topOf(0), rows.topOf(3), rows.topOf(10), rows.topOf(11)]).toEqual([
      0, 123, 410, 410,
    ]);
    expect([rows.rowAt(-5), rows.rowAt(40), rows.rowAt(41), rows.rowAt(9_999)]).toEqual([
      0, 0, 1, 9,
    ]);
  });

  test("follow each other where rows have heights of their own", () => {
    const rows = unevenRows([44, 132, 132, 44, 132]);

    expect([0, 1, 2, 3, 4, 5].map((row) => rows.topOf(row))).toEqual([0, 44, 176, 308, 352, 484]);
    expect([0, 43, 44, 175, 176, 351, 352, 483, 9_999].map((at) => rows.rowAt(at))).toEqual([
      0, 0, 1, 1, 2, 3, 4, 4, 4,
    ]);
  });

  test("are none where there are no rows", () => {
    for (const rows of [evenRows(0, 41), unevenRows([])]) {
      expect(rows.topOf(0)).toBe(0);
      expect(rows.topOf(7)).toBe(0);
      expect(rows.rowAt(100)).toBe(0);
    }
  });
});
