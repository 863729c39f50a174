import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { PAGE_PATH, pageDocument } from "../../scripts/page.ts";

test("the page that is embedded is the one of the sources: bun run generate writes it", async () => {
  expect(readFileSync(PAGE_PATH, "utf8") === (await pageDocument())).toBe(true);
});

test("the page is under 150 kB, and under 50 kB gzipped", () => {
  const page = readFileSync(PAGE_PATH);

  expect(page.length).toBeLessThan(150_000);
  expect(gzipSync(page).length).toBeLessThan(50_000);
});
