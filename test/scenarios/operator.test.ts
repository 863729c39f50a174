import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { chmod } from "node:fs/promises";
import { configText } from "../support/configs.ts";
import { aScene, BINARY, isOver, type Scene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

async function aFolder(): Promise<Scene> {
  return await aScene(
    configText({
      code: `const good = flow({ name: "good", run: () => 42 }); const gone = flow({ name: "gone", run: () => 1 });`,
      flows: ["good", "gone"],
    }),
  );
}

interface Examined {
  readonly ok: boolean;
  readonly findings: readonly {
    readonly name: string;
    readonly state: string;
    readonly message: string;
    readonly todo?: string;
  }[];
}

async function examine(scene: Scene, env: Readonly<Record<string, string>> = {}) {
  const { code, out } = await scene.tocsin(["doctor", "--json"], { env });
  const { ok, findings } = JSON.parse(out) as Examined;
  const of = (name: string) => findings.find((finding) => finding.name === name);
  return { code, ok, of, states: findings.map(({ state }) => state) };
}

test(
  "doctor finds everything well, with and without a daemon",
  async () => {
    await using scene = await aFolder();

    const before = await examine(scene, { TOCSIN_LISTEN: "127.0.0.1:0" });
    const daemon = await scene.serve();
    const during = await examine(scene);
    const text = await scene.tocsin(["doctor"]);

    expect([before.code, before.ok]).toEqual([0, true]);
    expect(before.of("daemon")).toMatchObject({ state: "warn", todo: "start it: tocsin serve" });
    expect(before.of("engine")?.message).toContain("libsql");
    expect(before.of("config")?.message).toContain("2 flows");
    expect(during.of("holder")?.message).toContain(`pid ${daemon.pid} `);
    expect(during.of("daemon")).toMatchObject({
      state: "ok",
      message: expect.stringContaining(daemon.url),
    });
    expect(text.out).toMatch(/^ok {4} program {4}tocsin /m);
    expect(text.out).not.toContain("\u001b");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "doctor says what is wrong, and what to do, and answers 1",
  async () => {
    await using scene = await aFolder();
    await (await scene.serve()).stop();
    const key = await scene.write(".tocsin/key", "this is no key");
    const noKey = await examine(scene);
    await chmod(key, 0o644);
    await scene.write(".tocsin/state.db", "something else that is no database ".repeat(50));
    const foreign = await examine(scene);
    const setting = await examine(scene, { TOCSIN_THREADS: "none" });
    await scene.write("flows.config.ts", "export default 1;");
    const config = await examine(scene);
    using taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("mine") });
    const address = await examine(scene, { TOCSIN_LISTEN: `127.0.0.1:${taken.port}` });

    expect([noKey.code, noKey.of("key")?.state]).toEqual([1, "wrong"]);
    expect(foreign.of("store")).toMatchObject({ state: "wrong", todo: expect.any(String) });
    expect([setting.code, setting.of("settings")?.message]).toEqual([
      1,
      expect.stringContaining("TOCSIN_THREADS"),
    ]);
    expect(config.of("config")).toMatchObject({ state: "wrong", todo: "see all: tocsin check" });
    expect(address.of("address")).toMatchObject({
      state: "wrong",
      message: expect.stringContaining(`pid ${process.pid} `),
    });
  },
  STORY_MS,
);

test(
  "config show gives every setting and where it comes from",
  async () => {
    await using scene = await aFolder();
    const env = { TOCSIN_THREADS: "3", TOCSIN_KEY: "never-to-be-shown" };

    const json = await scene.tocsin(["config", "show", "--store", "here.db", "--json"], { env });
    const text = await scene.tocsin(["config", "show"], { env });
    const wrong = await scene.tocsin(["config", "show"], { env: { TOCSIN_LISTEN: "nowhere" } });

    const { settings } = JSON.parse(json.out) as {
      readonly settings: readonly { readonly setting: string }[];
    };
    const of = (name: string) => settings.find(({ setting }) => setting === name);
    expect(of("threads")).toMatchObject({
      value: 3,
      source: "environment",
      from: "TOCSIN_THREADS",
    });
    expect(of("store")).toMatchObject({ source: "flag", from: "--store" });
    expect(of("retention")).toMatchObject({ value: 7_776_000_000, source: "default" });
    expect(text.out).toContain("threads\t3\tTOCSIN_THREADS\n");
    expect(text.out).toContain("retention\t90d\tdefault\n");
    expect(json.out + text.out).not.toContain("never-to-be-shown");
    expect([wrong.code, wrong.out]).toEqual([6, ""]);
    expect(wrong.err).toContain("TOCSIN_LISTEN");
  },
  STORY_MS,
);

/** What the tab key offers after these words, without the descriptions. */
async function offered(scene: Scene, ...words: string[]) {
  const { code, out, err } = await scene.tocsin(["complete", "--", ...words]);
  expect([code, err]).toEqual([0, ""]);
  const lines = out.trimEnd().split("\n");
  const directive = lines.pop();
  return { names: lines.map((line) => line.split("\t")[0]), directive };
}

test(
  "the tab key offers commands, options, and what the daemon knows by name",
  async () => {
    await using scene = await aFolder();

    expect((await offered(scene, "trigger", "")).names).toEqual([]);
    expect((await offered(scene, "db", "v")).names).toEqual(["vacuum"]);
    expect((await offered(scene, "--color", "")).names).toEqual(["auto", "always", "never"]);
    expect((await offered(scene, "runs", "ls", "--sta")).names).toEqual(["--state"]);
    expect((await offered(scene, "db", "backup", "")).directive).toBe(":0");
    const daemon = await scene.serve();
    const { name } = await daemon.trigger("good");
    // It waits a fifth of a second for the daemon, and offers nothing when the machine is too busy for that.
    const untilOffered = async (...words: string[]) =>
      await until(`names are offered for ${words.join(" ")}`, async () => {
        const { names } = await offered(scene, ...words);
        return names.length > 0 && names;
      });
    expect(await untilOffered("trigger", "go")).toEqual(["good", "gone"]);
    expect(await untilOffered("runs", "show", "")).toEqual([name]);
    expect(await untilOffered("runs", "ls", "--flow", "")).toEqual(["good", "gone"]);
    expect(await daemon.stop()).toBe(0);
    for (const shell of ["bash", "zsh", "fish", "powershell"]) {
      const script = await scene.tocsin(["complete", shell]);
      expect([script.code, /tocsin["']?,? .*complete|tocsin complete --/.test(script.out)]).toEqual(
        [0, true],
      );
    }
    expect((await scene.tocsin(["complete", "tcsh"])).code).toBe(2);
  },
  STORY_MS,
);

test(
  "a package is installed beside the config without a toolchain, imported, and removed",
  async () => {
    await using scene = await aScene();
    await scene.write(
      "lib/answer/package.json",
      '{ "name": "answer", "version": "1.0.0", "main": "index.js" }',
    );
    await scene.write("lib/answer/index.js", "export const answer = 42;");
    await scene.write(
      "flows.config.ts",
      configText({
        code: `import { answer } from "answer"; const good = flow({ name: "good", run: () => ({ answer, bun: process.env.BUN_BE_BUN ?? null }) });`,
        flows: ["good"],
      }),
    );

    const before = await scene.tocsin(["check", "--no-types"]);
    const added = await scene.tocsin(["pm", "add", "./lib/answer", "--json"]);
    const run = await scene.tocsin(["run", "good", "--json"]);
    const removed = await scene.tocsin(["pm", "remove", "answer"]);
    const missing = await scene.tocsin(["pm", "add", "./lib/nothing"]);
    const flag = await scene.tocsin(["pm", "add", "--", "--global"]);

    expect(before.code).toBe(6);
    expect([added.code, JSON.parse(added.out)]).toEqual([
      0,
      { folder: scene.folder, added: ["./lib/answer"] },
    ]);
    expect(JSON.parse(run.out)).toMatchObject({ result: { answer: 42, bun: null } });
    expect([removed.code, scene.read("package.json").includes("answer")]).toEqual([0, false]);
    expect([missing.code, missing.out]).toEqual([1, ""]);
    expect(flag.code).toBe(2);
  },
  STORY_MS,
);

test(
  "runs watch follows one run to its end",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const { id, name } = await daemon.trigger("good");
    await daemon.untilRun(id, isOver);

    const watched = await scene.tocsin(["runs", "watch", name, "--json"]);
    const missing = await scene.tocsin(["runs", "watch", "nobody"]);

    expect([watched.code, JSON.parse(watched.out)]).toMatchObject([0, { id, result: 42 }]);
    expect(missing.code).toBe(3);
    expect(await daemon.stop()).toBe(0);
    expect((await scene.tocsin(["runs", "watch", "--server", "http://127.0.0.1:9"])).code).toBe(5);
  },
  STORY_MS,
);

test(
  "runs watch tells of every change of every run",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const child = spawn(BINARY, ["runs", "watch", "--flow", "good", "--state", "completed"], {
      cwd: scene.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: scene.folder },
    });
    let [told, noted] = ["", ""];
    child.stdout.on("data", (text: Buffer) => {
      told += String(text);
    });
    child.stderr.on("data", (text: Buffer) => {
      noted += String(text);
    });
    try {
      await until("it waits", () => noted.includes("Waits"));
      await daemon.trigger("gone");
      const { name } = await daemon.trigger("good");
      await until("the run is told of", () => told.includes("\n"));

      expect(told).toMatch(new RegExp(`^\\S+Z  good  ${name}  Completed\n$`));
    } finally {
      child.kill("SIGKILL");
    }
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "version --json names the version and the runtime",
  async () => {
    await using scene = await aScene();

    const { code, out, err } = await scene.tocsin(["version", "--json"]);

    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      runtime: expect.stringMatching(/^bun \d/),
    });
  },
  STORY_MS,
);
