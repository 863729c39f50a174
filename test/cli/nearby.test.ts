import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RunView, TaskRunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { temporaryFolder } from "../support/stores.ts";
import { until } from "../support/until.ts";

const MAIN = resolve("src/main.ts");
const STORY_MS = 30_000;
const CODE = `
  const inner = task({ name: "inner", run: async () => "in" });
  const outer = task({ name: "outer", run: async () => await inner() });
  const child = flow({ name: "child", run: async () => await outer() });
  const nest = flow({ name: "nest", run: async () => [await outer(), await inner(), await child()] });`;

/** A daemon that serves a folder at a port of its own, and commands that are called there. */
async function aDaemon() {
  const folder = temporaryFolder();
  const text = configText({ code: CODE, flows: ["nest", "child"] });
  await writeFile(join(folder, "flows.config.ts"), text);
  const serving = spawned(["serve", "--no-watch", "--listen", "127.0.0.1:0"], folder);
  await until("the daemon listens", () => {
    const holder = join(folder, ".tocsin", "state.db.holder");
    return existsSync(holder) && JSON.parse(readFileSync(holder, "utf8")).url;
  });
  const call = async (line: string, cwd = folder, extra: Environment = {}) => {
    const child = spawned(line.split(" "), cwd, extra);
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { out, err, code: await child.exited };
  };
  await until("it is ready", async () => (await call("status")).code === 0);
  const stop = async () => {
    serving.kill("SIGTERM");
    await serving.exited;
  };
  return { folder, call, [Symbol.asyncDispose]: stop };
}

type Environment = Readonly<Record<string, string>>;

function spawned(args: readonly string[], cwd: string, extra: Environment = {}) {
  const { TOCSIN_SERVER: _, ...own } = process.env;
  const env = { ...own, ...extra };
  return Bun.spawn([process.execPath, MAIN, ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
}

test(
  "commands find the daemon that works on the store of their folder, and none elsewhere",
  async () => {
    await using daemon = await aDaemon();
    const elsewhere = join(daemon.folder, "elsewhere");
    await mkdir(elsewhere);

    const here = await daemon.call("status --json");
    const there = await daemon.call("status", elsewhere);

    expect(JSON.parse(here.out).store.path).toContain(daemon.folder.split("/").at(-1));
    expect(there.err).not.toContain(daemon.folder);
    expect(`${there.code} ${there.out}`).not.toContain(daemon.folder);
  },
  STORY_MS,
);

test(
  "another setting that is wrong does not keep commands from the daemon of their folder",
  async () => {
    await using daemon = await aDaemon();
    const wrong = { TOCSIN_LISTEN: "abc", TOCSIN_THREADS: "none", TOCSIN_RETENTION: "soon" };

    const status = await daemon.call("status --json", daemon.folder, wrong);
    const stats = await daemon.call("db stats --json", daemon.folder, wrong);

    expect(status).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(status.out).store.path).toContain(daemon.folder.split("/").at(-1));
    expect(stats).toMatchObject({ code: 0, err: "" });
  },
  STORY_MS,
);

test(
  "the size of the store includes what is not in its file yet",
  async () => {
    await using daemon = await aDaemon();
    const file = join(daemon.folder, ".tocsin", "state.db");

    await daemon.call("trigger child --wait");
    const { sizeBytes } = JSON.parse((await daemon.call("status --json")).out).store;

    const [log, least] = [await stat(`${file}-wal`), await stat(file)];
    expect(log.size).toBeGreaterThan(0);
    expect(sizeBytes).toBeGreaterThan(least.size);
  },
  STORY_MS,
);

test(
  "a task run names the one it was called in, and a child run its parent",
  async () => {
    await using daemon = await aDaemon();
    const run: RunView = JSON.parse((await daemon.call("trigger nest --wait --json")).out);

    const shown = JSON.parse((await daemon.call(`runs show ${run.id} --json`)).out);

    const tasks: readonly TaskRunView[] = shown.tasks;
    const outer = tasks.find(({ task }) => task === "outer");
    expect(tasks.map(({ task, call, parent }) => [task, call, parent])).toEqual([
      ["outer", 0, undefined],
      ["inner", 0, outer?.id],
      ["inner", 1, undefined],
    ]);
    expect(shown.children).toMatchObject([{ flow: "child", parent: run.id, priority: 0 }]);
  },
  STORY_MS,
);
