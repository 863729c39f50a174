import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TransitionNews } from "../../src/domain/news.ts";
import type { LogView } from "../../src/store/run-history.ts";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, BINARY, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

/** A flow that is executed again after a crash, and goes on until a file is there. */
async function aFolder(): Promise<Scene> {
  const scene = await aScene();
  await scene.write(
    "flows.config.ts",
    configText({
      code: `
        const steady = flow({
          name: "steady", retryCrashed: 3, retryDelay: "10ms",
          run: async (_, { log, run }) => {
            for (let no = 0; no < 200; no += 1) { log(run.attempt + "/" + no); if (no % 20 === 0) await wait(1); }
            ${untilFile(join(scene.folder, "go"))}
            log("ends");
          },
        });`,
      flows: ["steady"],
    }),
  );
  return scene;
}

/** A command that goes on, and what it wrote so far. */
function following(scene: Scene, ...args: readonly string[]) {
  const child = spawn(BINARY, [...args], {
    cwd: scene.folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: scene.folder },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text: Buffer) => {
    out += String(text);
  });
  child.stderr.on("data", (text: Buffer) => {
    err += String(text);
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    out: () => out,
    err: () => err,
    lines: <Line>() =>
      out
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    closed,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

/** Kills the daemon and starts another on the same store, at another address. */
async function startedAgain(scene: Scene, daemon: TestDaemon): Promise<TestDaemon> {
  await daemon.kill9();
  return await scene.serve();
}

test(
  "logs -f prints every line once and none twice, also when the daemon is killed and started again",
  async () => {
    await using scene = await aFolder();
    const first = await scene.serve();
    const { id } = await first.trigger("steady");

    using logs = following(scene, "logs", id, "-f", "--jsonl");
    await until("it prints", () => logs.out().includes("1/199"), { log: logs.err });
    const second = await startedAgain(scene, first);
    await until("it prints on", () => logs.out().includes("2/100"), { log: logs.err });
    const third = await startedAgain(scene, second);
    await scene.write("go", "");
    const ended = await third.untilRun(id, isOver);

    expect([ended.state.type, await logs.closed]).toEqual(["COMPLETED", 0]);
    const kept = (await third.lines(id)).map(({ no }) => no);
    expect(logs.lines<LogView>().map(({ no }) => no)).toEqual(kept);
    expect(logs.err()).toEndWith(`${ended.name} is Completed\n`);
  },
  STORY_MS,
);

test(
  "trigger --wait waits on over a restart of the daemon",
  async () => {
    await using scene = await aFolder();
    const first = await scene.serve();

    using waiting = following(scene, "trigger", "steady", "--wait", "--json");
    await until("it runs", () => waiting.err().includes("Running"), { log: waiting.err });
    const second = await startedAgain(scene, first);
    await scene.write("go", "");
    const code = await waiting.closed;

    expect(code, waiting.err()).toBe(0);
    const run = JSON.parse(waiting.out()) as { readonly id: string };
    expect((await second.states(run.id)).at(-1)).toBe("Completed");
    expect(waiting.err().match(/Z {2}Completed$/gm)).toHaveLength(1);
  },
  STORY_MS,
);

test(
  "runs watch tells of each change of each run once and in order, also across a restart",
  async () => {
    await using scene = await aFolder();
    const first = await scene.serve();

    using watch = following(scene, "runs", "watch", "--jsonl");
    await until("it listens", () => watch.err().includes("Waits"), { log: watch.err });
    const { id } = await first.trigger("steady");
    await until("it tells", () => watch.out().includes("Running"), { log: watch.err });
    const second = await startedAgain(scene, first);
    await scene.write("go", "");
    await second.untilRun(id, isOver);
    await until("it tells of the end", () => watch.out().includes('"Completed"'), {
      log: watch.err,
    });

    const told = watch.lines<TransitionNews>().map(({ seq }) => seq);
    const steps = (await second.transitions(id)).filter(({ taskRun }) => taskRun === undefined);
    expect(told).toEqual(steps.map(({ seq }) => seq));
  },
  STORY_MS,
);

test(
  "a daemon that does not answer does not keep people from what is in its store, and is named",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    await scene.write("go", "");
    const run = await daemon.trigger("steady");
    await daemon.untilRun(run.id, isOver);

    daemon.signal("SIGSTOP");
    const [ls, logs] = await Promise.all([
      scene.tocsin(["runs", "ls"]),
      scene.tocsin(["logs", run.name, "--tail", "1"]),
    ]);
    daemon.signal("SIGCONT");

    expect([ls.code, logs.code]).toEqual([0, 0]);
    expect(ls.out).toContain(run.id);
    expect(logs.out).toEndWith("ends\n");
    expect(ls.err).toStartWith(`The daemon that holds it (pid ${daemon.pid} on `);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "where nothing ever ran there is nothing to read; a config that is broken hides no store",
  async () => {
    await using scene = await aFolder();

    const fresh = await scene.tocsin(["runs", "ls"]);
    const other = await scene.tocsin(["runs", "ls", "--store", "none.db"]);
    await (await scene.serve()).stop();
    await scene.write("flows.config.ts", "export default 1;");
    const broken = await scene.tocsin(["runs", "ls"]);

    expect([fresh.code, other.code, broken.code]).toEqual([5, 3, 0]);
    expect(fresh.err).toContain('start it with "tocsin serve"');
    expect(other.err).toBe('error: Cannot read store "none.db": there is no such file\n');
    expect(broken.err).toContain("No daemon runs here: uses the store");
  },
  STORY_MS,
);
