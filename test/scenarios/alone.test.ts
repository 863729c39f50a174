import { expect, test } from "bun:test";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, BINARY, isOver } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

test(
  "the binary alone in an empty folder and environment: init, check, serve, trigger",
  async () => {
    await using scene = await aScene();
    const binary = join(scene.folder, "tocsin");
    await copyFile(BINARY, binary);
    const bare = { binary, env: { PATH: "" } };

    expect((await scene.tocsin(["init"], bare)).code).toBe(0);
    expect(await scene.tocsin(["check"], bare)).toMatchObject({
      code: 0,
      out: "ok: 2 flows, 2 schedules, 2 hooks\n",
    });
    const daemon = await scene.serve({ under: ["/usr/bin/env", "-i"] });
    const wait = ["trigger", "hello", "-p", "name=Ada", "--wait", "--json"];
    const triggered = await scene.tocsin([...wait, "--server", daemon.url], bare);

    expect([triggered.code, JSON.parse(triggered.out).state.type]).toEqual([0, "COMPLETED"]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "what lies in the working directory does not change the daemon, and packages beside the config do import",
  async () => {
    await using scene = await aScene(
      configText({
        code: `
          import { greeting } from "greeter";
          const tell = flow({ name: "tell", run: () => ({ greeting, env: process.env["FROM_DOTENV"] ?? null }) });`,
        flows: ["tell"],
      }),
    );
    const mark = join(scene.folder, "executed");
    const evil = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
    await scene.write("evil.js", evil);
    await scene.write("bunfig.toml", `preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n`);
    await scene.write(".env", "FROM_DOTENV=1\nTOCSIN_STORE=elsewhere/state.db\n");
    await scene.write("node_modules/greeter/index.js", `export const greeting = "hello";`);
    const manifest = JSON.stringify({ name: "greeter", type: "module", main: "index.js" });
    await scene.write("node_modules/greeter/package.json", manifest);

    const daemon = await scene.serve();
    const { id } = await daemon.trigger("tell");
    const run = await daemon.untilRun(id, isOver);

    expect(run.result).toEqual({ greeting: "hello", env: null });
    expect(await Bun.file(mark).exists()).toBe(false);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a temporary directory that cannot be written is worked around, or named in the refusal",
  async () => {
    await using scene = await aScene(
      configText({ code: `const one = flow({ name: "one", run: () => 1 });`, flows: ["one"] }),
    );
    // Nobody may write there, root included.
    const env = { TMPDIR: "/proc", BUN_TMPDIR: "/proc" };

    const outcome = await scene.tocsin(["run", "one", "--json"], { env });

    if (outcome.code === 0) expect(JSON.parse(outcome.out).result).toBe(1);
    else expect(outcome.err).toMatch(/TMPDIR|temporary director/);
  },
  STORY_MS,
);

test(
  "declarations of another version are found by types --check, and mended by check and by serve",
  async () => {
    await using scene = await aScene();
    const file = ".tocsin/tocsin.d.ts";
    await scene.tocsin(["init"]);
    const written = scene.read(file);
    const age = () => scene.write(file, `// of another version\n${written}`);

    const fresh = await scene.tocsin(["types", "--check"]);
    await age();
    const stale = await scene.tocsin(["types", "--check"]);
    await scene.tocsin(["check"]);
    const checked = scene.read(file);
    await age();
    const daemon = await scene.serve();
    // It does not hold up the start.
    await until("they are those of this binary", () => scene.read(file) === written, daemon);

    expect([fresh.code, stale.code]).toEqual([0, 1]);
    expect(stale.err).toContain("write them with: tocsin types");
    expect(checked === written).toBe(true);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
