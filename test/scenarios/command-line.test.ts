import { expect, test } from "bun:test";
import { join } from "node:path";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type Scene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

async function aFolder(): Promise<Scene & { readonly go: string }> {
  const scene = await aScene();
  const go = join(scene.folder, "go");
  await scene.write(
    "flows.config.ts",
    configText({
      code: `
        const good = flow({ name: "good", run: (_, { log }) => { log("one line"); return { answer: 42 }; } });
        const bad = flow({ name: "bad", run: () => { throw new Error("no luck"); } });
        const slow = flow({ name: "slow", grace: "100ms", run: async (_, { log }) => { log("begins"); ${untilFile(go)} log("ends"); } });`,
      flows: ["good", "bad", "slow"],
    }),
  );
  return { ...scene, go };
}

test(
  "run without a daemon: the run on stdout, all else on stderr, and how it went as the exit code",
  async () => {
    await using scene = await aFolder();

    const good = await scene.tocsin(["run", "good", "--json"]);
    const text = await scene.tocsin(["run", "good"]);
    const bad = await scene.tocsin(["run", "bad"]);
    const unknown = await scene.tocsin(["run", "goood"]);

    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({
      flow: "good",
      state: { type: "COMPLETED" },
      result: { answer: 42 },
    });
    expect(good.err).toContain("one line");
    expect([text.code, text.out.includes("one line"), text.out.includes("\u001b")]).toEqual([
      0,
      false,
      false,
    ]);
    expect(text.out).toMatch(/^state +Completed$/m);
    expect([bad.code, bad.out]).toEqual([1, expect.stringMatching(/^state +Failed: no luck$/m)]);
    expect([unknown.code, unknown.out]).toEqual([3, ""]);
    expect(unknown.err).toContain('did you mean "good"?');
  },
  STORY_MS,
);

test(
  "run while a daemon holds the store: the daemon runs it, and the answers are the same",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();

    const good = await scene.tocsin(["run", "good", "--json"]);
    const bad = await scene.tocsin(["run", "bad"]);

    expect(good.code).toBe(0);
    expect(good.err).toContain(`in use by the daemon at ${daemon.url}`);
    const { id } = JSON.parse(good.out) as RunView;
    expect(await daemon.run(id)).toMatchObject({ flow: "good", result: { answer: 42 } });
    expect(bad.code).toBe(1);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "trigger --wait answers with the run's end, 1 unless it completed, 3 for what is not there",
  async () => {
    await using scene = await aFolder();
    const { url } = await scene.serve();
    const ask = (...args: string[]) => scene.tocsin([...args, "--server", url]);

    const good = await ask("trigger", "good", "--wait", "--json");
    const bad = await ask("trigger", "bad", "--wait");
    const unknown = await ask("trigger", "goood");

    expect([good.code, JSON.parse(good.out).state.type]).toEqual([0, "COMPLETED"]);
    expect([bad.code, bad.out]).toEqual([1, expect.stringMatching(/^state +Failed: no luck$/m)]);
    expect([unknown.code, unknown.out]).toEqual([3, ""]);
  },
  STORY_MS,
);

test(
  "runs ls, show and cancel find a run by id, by the start of one, and by name",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const ask = (...args: string[]) => scene.tocsin([...args, "--server", daemon.url]);
    const { id, name } = await daemon.trigger("slow");
    await daemon.untilRun(id, ({ state }) => state.type === "RUNNING");

    const all = await ask("runs", "ls", "--json");
    const none = await ask("runs", "ls", "--state", "FAILED");
    const shown = await ask("runs", "show", name, "--json");
    const cancelled = await ask("runs", "cancel", id);
    const run = await daemon.untilRun(id, isOver);
    const again = await ask("runs", "cancel", name);
    const missing = await ask("runs", "show", "no-such-run");

    expect((JSON.parse(all.out) as { items: RunView[] }).items.map((one) => one.id)).toEqual([id]);
    expect(none.code).toBe(0);
    expect([shown.code, shown.out.includes(id)]).toEqual([0, true]);
    expect([cancelled.code, run.state.type]).toEqual([0, "CANCELLED"]);
    expect(again.code).toBe(1);
    expect(again.err).toContain("it is over");
    expect([missing.code, missing.out]).toEqual([3, ""]);
  },
  STORY_MS,
);

test(
  "logs -f goes on until the run is over, and prints every line once",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const { id } = await daemon.trigger("slow");
    await until("it begins", async () => (await daemon.lines(id)).length === 1, daemon);

    const following = scene.tocsin(["logs", id, "-f", "--server", daemon.url]);
    await scene.write("go", "");
    const { code, out } = await following;
    const lines = await scene.tocsin(["logs", id, "--jsonl", "--server", daemon.url]);

    expect(code).toBe(0);
    expect(out.match(/begins|ends/g)).toEqual(["begins", "ends"]);
    const texts = lines.out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { text: string }).text);
    expect(texts).toEqual(["begins", "ends"]);
  },
  STORY_MS,
);

test(
  "a daemon that is not there is said on stderr, with exit code 5",
  async () => {
    await using scene = await aFolder();
    // Port 9 is nobody's: nothing listens there on a machine that runs tests.
    const server = ["--server", "http://127.0.0.1:9"];

    for (const command of [["runs", "ls"], ["trigger", "good"], ["status"], ["logs", "x"]]) {
      const { code, out, err } = await scene.tocsin([...command, ...server]);
      expect([command, code, out]).toEqual([command, 5, ""]);
      expect(err).toContain('Cannot reach the daemon at "http://127.0.0.1:9"');
    }
  },
  STORY_MS,
);

test(
  "check on a machine without a toolchain: finds what is wrong with the types, and nothing that is not",
  async () => {
    await using scene = await aScene(`
import { readFile } from "node:fs/promises";
import { defineConfig, flow } from "tocsin";
import { slack } from "tocsin/hooks/slack";
const work = async () => { setTimeout(() => {}, 1); Bun.sleep(1); return Buffer.from(await readFile("x")); };
const good = flow({ name: "good", onFailure: slack({ webhook: "http://127.0.0.1:1", text: ({ run }) => run.name }), run: work });
const bad = flow({ name: "bad", run: (_, { run }): number => run.name });
export default defineConfig({ flows: [good, bad] });
`);

    const checked = await scene.tocsin(["check"]);
    await scene.write("flows.config.ts", scene.read("flows.config.ts").replace(": number", ""));
    const mended = await scene.tocsin(["check"]);

    expect(checked).toMatchObject({ code: 6, err: expect.stringContaining("1 problem") });
    expect(checked.out).toMatch(/^flows\.config\.ts:7:\d+ {2}TS2322: /);
    expect(mended).toMatchObject({ code: 0, out: "ok: 2 flows, 0 schedules, 1 hook\n" });
  },
  STORY_MS,
);

test(
  "check names the module that was meant, once, whether what it gives is used or not",
  async () => {
    const config = (hook: string) => `
import { defineConfig, flow } from "tocsin";
import { slack } from "tocsin/hooks/slak";
export default defineConfig({ flows: [flow({ name: "one", ${hook} run: () => {} })] });
`;
    await using scene = await aScene(config(""));

    const unused = await scene.tocsin(["check"]);
    await scene.write(
      "flows.config.ts",
      config(`onFailure: slack({ webhook: "http://127.0.0.1:1" }),`),
    );
    const used = await scene.tocsin(["check"]);

    expect([unused.code, used.code]).toEqual([6, 6]);
    expect(unused.out).toMatch(
      /^flows\.config\.ts:3:\d+ {2}TS2307: .+ Did you mean "tocsin\/hooks\/slack"\?\n$/,
    );
    expect(used.out).toMatch(
      /^flows\.config\.ts:3:\d+ {2}Cannot import .+; did you mean "tocsin\/hooks\/slack"\?.+\n$/,
    );
  },
  STORY_MS,
);

test(
  "--config takes the directory that a config is in, and says what it looked for there",
  async () => {
    await using scene = await aFolder();
    await scene.write("else/where/note.txt", "");
    await scene.write(
      "nightly/flows.config.ts",
      configText({ code: `const one = flow({ name: "one", run: () => 1 });`, flows: ["one"] }),
    );

    const found = await scene.tocsin(["check", "--config", "nightly"]);
    const none = await scene.tocsin(["check", "--config", "else/where"]);
    const refused = await scene.refusal({ args: ["--config", "else/where"] });

    expect([found.code, found.out]).toEqual([0, "ok: 1 flow, 0 schedules, 0 hooks\n"]);
    expect([none.code, refused.code]).toEqual([6, 6]);
    const why =
      /Cannot read config ".*else\/where\/flows\.config\.ts": there is no such file; make one with: tocsin init$/m;
    expect(none.out).toMatch(why);
    expect(refused.err).toMatch(why);
  },
  STORY_MS,
);

test(
  "check counts the hooks of flows, tasks, tags and modules",
  async () => {
    await using scene = await aScene(`
import { defineConfig, flow, task } from "tocsin";
const note = () => {};
const work = task({ name: "work", onFailure: note, run: () => {} });
const report = flow({ name: "report", tags: ["prod"], onFailure: note, run: async () => { await work(); } });
export default defineConfig({ flows: [report], tags: { prod: { onCrashed: note } }, hooks: ["./module.ts"] });
`);
    await scene.write(
      "module.ts",
      `import { hook } from "tocsin"; export default hook({ on: "onRetry", run: () => {} });`,
    );

    expect((await scene.tocsin(["check"])).out).toBe("ok: 1 flow, 0 schedules, 4 hooks\n");
  },
  STORY_MS,
);

test(
  "tokens in the store keep nobody from running a flow who can open it",
  async () => {
    await using scene = await aFolder();

    const made = await scene.tocsin(["token", "new", "ci"]);
    const run = await scene.tocsin(["run", "good", "--json"]);

    expect([made.code, run.code]).toEqual([0, 0]);
    expect(JSON.parse(run.out)).toMatchObject({ result: { answer: 42 } });
  },
  STORY_MS,
);

test(
  "next reads the config, and notes what somebody paused in the daemon here",
  async () => {
    await using scene = await aScene(
      configText({
        code: `const hourly = flow({ name: "hourly", schedule: { cron: "0 * * * *", timezone: "UTC" }, run: () => 1 });`,
        flows: ["hourly"],
      }),
    );
    const daemon = await scene.serve();

    const before = await scene.tocsin(["next"]);
    await scene.tocsin(["flows", "pause", "hourly", "--reason", "moving house"]);
    const after = await scene.tocsin(["next"]);
    const asked = await scene.tocsin(["next", "--server", daemon.url]);

    expect([before.err, after.out.split("\n").length]).toEqual(["", 6]);
    expect(after.err).toMatch(
      /^Paused in the daemon here, so not due: hourly#1 \(by .+: moving house\)\n$/,
    );
    expect([asked.out, asked.err]).toEqual([
      "",
      expect.stringMatching(/^Paused: hourly#1 \(by .+: moving house\)\nNothing is due\n$/),
    ]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
