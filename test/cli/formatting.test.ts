import { describe, expect, test } from "bun:test";
import { listenAddress } from "../../src/cli/listen-address.ts";
import { renderTable } from "../../src/cli/table.ts";
import { printable, relativeTime, sizeInWords, spanOf, widthOf } from "../../src/cli/text.ts";

const PLAIN = { paintHead: (text: string) => text, paintCell: (text: string) => text };

describe("renderTable()", () => {
  const table = {
    head: ["NAME", "N"],
    rows: [
      ["日本", "1"],
      ["a\tb\nc", "22"],
    ],
  };

  test("aligns columns by what they take on a terminal", () => {
    expect(renderTable(table, { aligned: true, ...PLAIN })).toBe("NAME   N\n日本   1\na b↵c  22\n");
  });

  test("keeps one row a line and one cell a field for programs", () => {
    expect(renderTable(table, { aligned: false, ...PLAIN })).toBe("日本\t1\na b↵c\t22\n");
  });
});

test("control characters, also those that turn the direction of writing, are made visible", () => {
  expect(printable("a\u001b[31mb\u009b\u202ec")).toBe("a\\u001b[31mb\\u009b\\u202ec");
});

test("widths count wide and combining characters", () => {
  expect([widthOf("abc"), widthOf("日本"), widthOf("e\u0301"), widthOf("🔔")]).toEqual([
    3, 4, 1, 2,
  ]);
});

test("times and sizes are said in words", () => {
  const now = new Date("2026-01-31T12:00:00Z");

  expect(relativeTime("2026-01-31T11:56:40Z", now)).toBe("3m 20s ago");
  expect(relativeTime("2026-01-31T14:00:00Z", now)).toBe("in 2h");
  expect(relativeTime("2026-01-31T12:00:00.400Z", now)).toBe("now");
  expect(spanOf("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.850Z")).toBe("850ms");
  expect([sizeInWords(0), sizeInWords(1_536), sizeInWords(12_582_912)]).toEqual([
    "0 B",
    "1.5 KiB",
    "12.0 MiB",
  ]);
});

test.each([
  ["127.0.0.1:8627", "127.0.0.1:8627"],
  [":0", "127.0.0.1:0"],
  ["9000", "127.0.0.1:9000"],
  ["[::1]:80", "[::1]:80"],
  ["localhost:80", "localhost:80"],
])("%s is an address to listen on", (text, address) => {
  expect(listenAddress(text)).toBe(address);
});

test.each(["", "nowhere", "1.2.3.4:99999", "::1:80", "a:b"])("%p is none", (text) => {
  expect(() => listenAddress(text)).toThrow();
});
