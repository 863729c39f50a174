import { expect, test } from "bun:test";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../support/stores.ts";

const PRELOAD = resolve("test/support/preload.ts");
const LEAVES = `
  import { expect, test } from "bun:test";
  import { mkdtempSync } from "node:fs";
  import { tmpdir } from "node:os";
  import { join } from "node:path";
  test("leaves a folder and fails", () => {
    mkdtempSync(join(tmpdir(), "left-"));
    expect(tmpdir()).toBe("nowhere");
  });
  test("does not end", () => new Promise(() => {}), 50);`;

test("tests leave nothing in the temporary directory, also when they fail or were killed", async () => {
  const folder = temporaryFolder();
  const temporary = join(folder, "tmp");
  // No process has this number: the largest on Linux is 4194304.
  await mkdir(join(temporary, "tocsin-tests-99999999-a", "left"), { recursive: true });
  await writeFile(join(folder, "leaves.test.ts"), LEAVES);

  const tests = Bun.spawn([process.execPath, "test", "--preload", PRELOAD], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(tests.stderr).text();

  expect(await tests.exited).toBe(1);
  expect(said).toContain("2 fail");
  expect(await readdir(temporary)).toEqual([]);
});
