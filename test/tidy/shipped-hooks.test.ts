import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import {
  denoSettings,
  SHIPPED_HOOKS_PATH,
  shippedHooks,
  shippedHooksModule,
} from "../../scripts/shipped-hooks.ts";
import { VIRTUAL_MODULES } from "../../src/threads/virtual-modules.ts";

const ROOT = process.cwd();
const PAPER = readFileSync("docs/hooks.md", "utf8");

describe("every shipped hook", () => {
  test("is in the list that threads import by: bun run generate writes it", () => {
    expect(readFileSync(SHIPPED_HOOKS_PATH, "utf8")).toBe(shippedHooksModule(ROOT));
  });

  test("is in Deno's import map: bun run generate writes it", () => {
    const settings = readFileSync("deno.json", "utf8");

    expect(denoSettings(ROOT, settings)).toBe(settings);
  });

  for (const name of shippedHooks(ROOT)) {
    test(`${name} can be imported, has a page, and is listed in docs/hooks.md`, async () => {
      const module = await VIRTUAL_MODULES[`tocsin/hooks/${name}`]?.();

      expect(Object.values(module ?? {})).toContainEqual(expect.any(Function));
      expect(existsSync(`docs/hooks/${name}.md`)).toBe(true);
      expect(PAPER).toContain(`- [${name}](hooks/${name}.md): `);
    });
  }
});
