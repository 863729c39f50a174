import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";

const HOOKS = readdirSync("hooks")
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.replace(/\.ts$/, ""));

describe("every shipped hook", () => {
  for (const hook of HOOKS) {
    test(`${hook} can be imported as "tocsin/hooks/${hook}" under Deno`, () => {
      const { imports } = JSON.parse(readFileSync("deno.json", "utf8"));

      expect(imports[`tocsin/hooks/${hook}`]).toBe(`./hooks/${hook}.ts`);
    });
  }
});
