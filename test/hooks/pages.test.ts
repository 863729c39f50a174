import { afterAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DECLARATIONS_PATH } from "../../scripts/declarations.ts";
import { readConfig } from "../../src/threads/read-config.ts";

const PAGES = readdirSync("docs/hooks").map((file) => {
  const text = readFileSync(join("docs/hooks", file), "utf8");
  const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  return { name: file.replace(/\.md$/, ""), text, examples };
});
const folder = mkdtempSync(join(tmpdir(), "tocsin-hook-pages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the pages of the shipped hooks", () => {
  for (const { name, text, examples } of PAGES) {
    test(`${name}: its examples are configs that are accepted, and each block has its command`, async () => {
      expect(examples.length).toBeGreaterThan(0);
      for (const code of examples) {
        const path = join(folder, "flows.config.ts");
        writeFileSync(path, code);
        expect(await readConfig(path)).toMatchObject({ type: "accepted" });
        for (const [, reference] of code.matchAll(/\bblock\("([^"]+)"\)/g)) {
          expect(text).toContain(`tocsin blocks set ${reference}`);
        }
      }
    });
  }

  test("their examples satisfy the compiler with the types that a config is given", () => {
    mkdirSync(join(folder, ".tocsin"));
    cpSync(DECLARATIONS_PATH, join(folder, ".tocsin/tocsin.d.ts"));
    const types = '/// <reference path="./.tocsin/tocsin.d.ts" />';
    const files = PAGES.flatMap(({ name, examples }) =>
      examples.map((code, index) => {
        const file = `${name}-${index}.ts`;
        writeFileSync(join(folder, file), `${types}\n${code}`);
        return file;
      }),
    );
    const tsc = [process.execPath, resolve("node_modules/typescript/bin/tsc")];
    const { stdout } = Bun.spawnSync([...tsc, "--noEmit", "--strict", ...files], { cwd: folder });

    expect(stdout.toString()).toBe("");
  }, 60_000);
});
