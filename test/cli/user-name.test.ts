import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";

test("who runs a command is known without $USER", () => {
  const { USER: _, LOGNAME: __, ...env } = process.env;
  const script = `console.log((await import("./src/cli/user-name.ts")).userName())`;
  const { stdout } = spawnSync(process.execPath, ["-e", script], { env, encoding: "utf8" });

  expect(stdout.trim()).toBe(spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim());
});
