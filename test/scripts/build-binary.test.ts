import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { addonPackage, buildBinary, hostTarget } from "../../scripts/build-binary.ts";

const FIXTURE = resolve("test/fixtures/binary");
const SLOW = 120_000;

/** A user's folder: a config with a package beside it, and files that must not change the program. */
const FOLDER: Readonly<Record<string, string>> = {
  "flows.config.ts": `import { flow } from "tocsin";
    import { word } from "some-package";
    const name: string = word;
    export default { flow: flow(name) };`,
  "node_modules/some-package/package.json": `{ "name": "some-package", "exports": "./main.js" }`,
  "node_modules/some-package/main.js": `export const word = "from a package";`,
  "bunfig.toml": `preload = ["./preload.ts"]`,
  "preload.ts": `Object.assign(globalThis, { PRELOADED: true });`,
  ".env": `FROM_DOTENV=read`,
  "tsconfig.json": `{ "compilerOptions": { "paths": { "tocsin": ["./preload.ts"] } } }`,
};

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tocsin-binary-"));
  for (const [path, text] of Object.entries(FOLDER)) {
    await mkdir(dirname(join(folder, "user", path)), { recursive: true });
    await writeFile(join(folder, "user", path), text);
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the build", () => {
  test(
    "makes a program that has its addon and its threads in it, and reads nothing of the folder but the config",
    async () => {
      const outfile = join(folder, "program");
      const entrypoints = [join(FIXTURE, "main.ts"), join(FIXTURE, "threads/thread.ts")];

      await buildBinary({ entrypoints, outfile });
      const { stdout, stderr } = Bun.spawnSync([outfile], { cwd: join(folder, "user"), env: {} });

      expect(stderr.toString()).toBe("");
      expect(JSON.parse(stdout.toString())).toEqual({
        kept: 42,
        config: { flow: "flow from a package", one: 1 },
        dotenv: "unset",
        preloaded: false,
      });
    },
    SLOW,
  );

  test(
    "fails loudly when libsql no longer requires its addon as we know it",
    async () => {
      const project = join(folder, "project");
      const libsql = join(project, "node_modules/libsql");
      await mkdir(libsql, { recursive: true });
      await writeFile(join(libsql, "package.json"), `{ "name": "libsql", "main": "index.js" }`);
      await writeFile(join(libsql, "index.js"), `module.exports = require("@libsql/" + "x");`);
      await writeFile(join(project, "main.ts"), `import libsql from "libsql"; libsql();`);
      const script = `import { buildBinary } from ${JSON.stringify(resolve("scripts/build-binary.ts"))};
        await buildBinary({ entrypoints: ["./main.ts"], outfile: "./program" });`;

      const { exitCode, stderr } = Bun.spawnSync([process.execPath, "-e", script], {
        cwd: project,
      });

      expect(exitCode).not.toBe(0);
      expect(stderr.toString()).toContain("Cannot embed addon");
      expect(stderr.toString()).toContain("adapt scripts/build-binary.ts");
    },
    SLOW,
  );
});

describe("the addon of a target", () => {
  const ADDONS: readonly (readonly [target: string, addon: string])[] = [
    ["bun-linux-x64", "@libsql/linux-x64-gnu"],
    ["bun-linux-x64-baseline", "@libsql/linux-x64-gnu"],
    ["bun-linux-x64-modern-musl", "@libsql/linux-x64-musl"],
    ["bun-linux-arm64", "@libsql/linux-arm64-gnu"],
    ["bun-linux-arm64-musl", "@libsql/linux-arm64-musl"],
    ["bun-darwin-arm64", "@libsql/darwin-arm64"],
    ["bun-windows-x64-baseline", "@libsql/win32-x64-msvc"],
  ];
  for (const [target, addon] of ADDONS) {
    test(`${target} takes ${addon}`, () => {
      expect(addonPackage(target)).toBe(addon);
    });
  }

  test("this machine has one", () => {
    expect(addonPackage(hostTarget())).toStartWith("@libsql/");
  });

  test("an unknown target is refused with what there is", () => {
    expect(() => addonPackage("bun-sunos-sparc")).toThrow('Cannot build for "bun-sunos-sparc"');
  });
});
