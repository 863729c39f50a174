import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { REFERENCE_PATH, withReference } from "../../scripts/http-reference.ts";

test("docs/http-api.md is up to date: bun run generate writes it", async () => {
  const kept = await readFile(REFERENCE_PATH, "utf8");
  const fresh = withReference(kept);
  const unlike = fresh.split("\n").findIndex((line, index) => line !== kept.split("\n")[index]);

  // Not compared as a whole: the difference of texts this long cannot be read.
  expect(kept.split("\n")[unlike]).toBe(fresh.split("\n")[unlike]);
  expect(kept.length).toBe(fresh.length);
});
