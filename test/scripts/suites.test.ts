import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { countsOfBun, countsOfDeno } from "../../scripts/bootstrap/suites.mjs";

const DENO = resolve("node_modules/.bin/deno");
const SLOW = 60_000;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tocsin-suites-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a real runner says of these files, each with one runner's tests. */
async function outputOf(command: readonly string[], files: Readonly<Record<string, string>>) {
  const cwd = await mkdtemp(join(folder, "suite-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const env = { ...process.env, NO_COLOR: "1" };
  const { stdout, stderr } = Bun.spawnSync([...command], { cwd, env });
  return `${stdout}${stderr}`;
}

describe("the counts of bun test", () => {
  const bunTest = [process.execPath, "test"];
  const imports = `import { expect, test } from "bun:test";`;

  test("are those of its closing lines, whatever the tests print", async () => {
    const output = await outputOf(bunTest, {
      "a.test.ts": `${imports}
        test("one", () => console.log("\\n 70 pass\\n 80 fail\\nRan 9 tests"));
        test("two", () => {});
        test.skip("three", () => {});
        test("four", () => expect(1).toBe(2));`,
    });

    expect(countsOfBun(output)).toEqual({ passed: 2, failed: 1 });
  });

  test("take a file that does not load for a failure", async () => {
    const output = await outputOf(bunTest, {
      "a.test.ts": `${imports} test("one", () => {});`,
      "b.test.ts": `throw new Error("does not load");`,
    });

    expect(countsOfBun(output)).toEqual({ passed: 1, failed: 1 });
  });

  test("are not known when it died before the end", async () => {
    const output = await outputOf(bunTest, {
      "a.test.ts": `${imports} test("one", () => {}); test("two", () => process.kill(process.pid, 9));`,
    });

    expect(countsOfBun(output)).toBeUndefined();
  });
});

describe("the counts of deno test", () => {
  const denoTest = [DENO, "test", "-A", "--no-check"];

  test(
    "are those of its closing line",
    async () => {
      const output = await outputOf(denoTest, {
        "a.test.ts": `Deno.test("one", async (t) => { await t.step("step", () => {}); });
          Deno.test("two", () => console.log("ok | 70 passed | 80 failed (1ms)"));
          Deno.test("three", () => { throw new Error("x"); });
          Deno.test.ignore("four", () => {});`,
      });

      expect(countsOfDeno(output)).toEqual({ passed: 2, failed: 1 });
    },
    SLOW,
  );

  test(
    "are not known when nothing loads",
    async () => {
      const output = await outputOf(denoTest, { "a.test.ts": "import './gone.ts';" });

      expect(countsOfDeno(output)).toBeUndefined();
    },
    SLOW,
  );
});
