import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineFolders } from "../../src/store/unpack-addon.ts";

const LAST = join(tmpdir(), `tocsin-${process.getuid?.() ?? "user"}`);

function noHome(): string {
  throw new Error("ENOENT: no such file or directory, uv_os_homedir");
}

test("the engine goes to the state directory, the cache of the user's home and the temporary folder", () => {
  const folders = engineFolders({ STATE_DIRECTORY: "/var/lib/a:/var/lib/b" }, () => "/home/ada");

  expect(folders).toEqual(["/var/lib/a/engine", "/home/ada/.cache/tocsin", LAST]);
});

test("where no home is known, the engine still finds the other places", () => {
  expect(engineFolders({ STATE_DIRECTORY: "/var/lib/a" }, noHome)).toEqual([
    "/var/lib/a/engine",
    LAST,
  ]);
  expect(engineFolders({ XDG_CACHE_HOME: "/cache" }, noHome)).toEqual(["/cache/tocsin", LAST]);
  expect(engineFolders({}, noHome)).toEqual([LAST]);
});
