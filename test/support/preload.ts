import { afterAll } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAll } from "./at-end.ts";

/*
 * Loaded before any test (see bunfig.toml). Everything that tests make in the temporary directory goes into one
 * folder of this process, which is gone when they are over, also when they failed. What a process left behind
 * that was killed is cleared away by the next one.
 */

const PREFIX = "tocsin-tests-";
const outside = tmpdir();

for (const name of readdirSync(outside)) {
  if (name.startsWith(PREFIX) && !isAlive(Number(name.split("-")[2]))) remove(join(outside, name));
}
const inside = mkdtempSync(join(outside, `${PREFIX}${process.pid}-`));
process.env["TMPDIR"] = inside;
afterAll(() => {
  endAll();
  remove(inside);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A file system that a test left mounted there: no failure of the tests.
  }
}
