import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Readiness } from "../../src/http/api-deps.ts";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
const CONFIG = "flows.config.ts";
/** Its third line opens a string that nobody closes. */
const BROKEN = `import { defineConfig, flow } from "tocsin";\n\nconst one = flow({ name: "one\n`;

test(
  "a config that is broken by an edit is named with its line, and the one before stays in force",
  async () => {
    await using receiver = aReceiver();
    await using scene = await aScene(saying("first", receiver.url));
    const daemon = await scene.serve();

    await scene.write(CONFIG, BROKEN);
    const refused = await until(
      "the broken config is noticed",
      async () => {
        const { checks } = await daemon.json<Readiness>("/readyz?verbose");
        return checks.find(({ name, state }) => name === "config" && state !== "ok");
      },
      daemon,
    );
    expect(refused.state).toBe("warn");
    expect(refused.message).toContain(`${CONFIG}:3:`);
    expect((await daemon.get("/readyz")).status).toBe(200);
    expect((await daemon.status()).config).toMatchObject({
      generation: 1,
      lastReloadProblems: [{ at: expect.stringContaining(`${CONFIG}:3:`) }],
    });
    expect(await resultOf(daemon)).toBe("first");
    const [rung] = await receiver.untilReceived(1, daemon.log);
    expect(rung?.headers.get("text")).toBe("first");

    await scene.write(CONFIG, saying("mended"));
    await untilGeneration(daemon, 2);
    expect(await resultOf(daemon)).toBe("mended");
    const { checks } = await daemon.json<Readiness>("/readyz?verbose");
    expect(checks.find(({ name }) => name === "config")?.state).toBe("ok");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "POST /api/config/reload answers 422 with every problem, and the new generation once it is mended",
  async () => {
    await using scene = await aScene(saying("first"));
    const daemon = await scene.serve({ args: ["--no-watch"] });
    const wrong = `flow({ name: "one", retries: -1, run: () => 1 }), flow({ name: "one", run: 5 })`;
    await scene.write(CONFIG, configText({ code: "", flows: [wrong] }));

    const refused = await daemon.post("/api/config/reload");
    expect(refused.status).toBe(422);
    const { problems } = JSON.parse(refused.text) as { problems: readonly { path: string }[] };
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["flows[0].retries", "flows[1].run"]),
    );
    expect(await resultOf(daemon)).toBe("first");

    await scene.write(CONFIG, saying("mended"));
    const accepted = await daemon.post("/api/config/reload");
    expect(accepted.status).toBe(200);
    expect(JSON.parse(accepted.text)).toMatchObject({ generation: 2, flows: 1 });
    expect(await resultOf(daemon)).toBe("mended");
  },
  STORY_MS,
);

test(
  "SIGHUP reads the config again, and says in the log what is wrong with it",
  async () => {
    await using scene = await aScene(saying("first"));
    const daemon = await scene.serve({ args: ["--no-watch"] });

    await scene.write(CONFIG, BROKEN);
    daemon.signal("SIGHUP");
    await until("the log names the line", () => daemon.log().includes(`${CONFIG}:3:`), daemon);
    expect(await resultOf(daemon)).toBe("first");

    await scene.write(CONFIG, saying("mended"));
    daemon.signal("SIGHUP");
    await untilGeneration(daemon, 2);
    expect(await resultOf(daemon)).toBe("mended");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a file that the config imports is watched too, in a folder that was made later",
  async () => {
    const importing = (file: string) =>
      `import { defineConfig, flow } from "tocsin";
       import { text } from "${file}";
       export default defineConfig({ flows: [flow({ name: "say", overlap: "allow", run: () => text })] });`;
    await using scene = await aScene(saying("first"));
    const daemon = await scene.serve();

    await scene.write("lib/deep/text.ts", `export const text = "one";`);
    await scene.write(CONFIG, importing("./lib/deep/text.ts"));
    await until("the import is in force", async () => (await resultOf(daemon)) === "one", daemon);
    await scene.write("lib/deep/text.ts", `export const text = "two";`);

    await until("its edit is in force", async () => (await resultOf(daemon)) === "two", daemon);
  },
  STORY_MS,
);

test(
  "an attempt ends on the code with which it began, and the retry runs the newest",
  async () => {
    await using scene = await aScene();
    const go = join(scene.folder, "go");
    const flaky = (code: string, end: string) =>
      configText({
        code: `const flaky = flow({ name: "flaky", retries: 1, run: async (_, { log }) => { log("${code} begins"); ${untilFile(go)} log("${code} ends"); ${end} } });`,
        flows: ["flaky"],
      });
    await scene.write(CONFIG, flaky("old", `throw new Error("not yet");`));
    const daemon = await scene.serve();
    const { id } = await daemon.trigger("flaky");
    await until("it has begun", async () => (await daemon.lines(id)).length === 1, daemon);

    await scene.write(CONFIG, flaky("new", `return "fixed";`));
    await untilGeneration(daemon, 2);
    await scene.write("go", "");
    const run = await daemon.untilRun(id, isOver);

    expect([run.state.name, run.result, run.attempt]).toEqual(["Completed", "fixed", 2]);
    expect((await daemon.lines(id)).map(({ text }) => text)).toEqual([
      "old begins",
      "old ends",
      "new begins",
      "new ends",
    ]);
  },
  STORY_MS,
);

/** A config whose flow `say` answers a text, and whose hook sends the same text to a receiver. */
function saying(text: string, receiver = "http://127.0.0.1:9"): string {
  const headers = `headers: { text: "${text}" }, retry: []`;
  return configText({
    code: `
      const say = flow({
        name: "say",
        overlap: "allow",
        onCompletion: webhook({ url: "${receiver}", ${headers} }),
        run: async () => { await wait(20); return "${text}"; },
      });`,
    flows: ["say"],
  });
}

/** What runs answer now: several at once, so that threads must be started for them. */
async function resultOf(daemon: TestDaemon): Promise<unknown> {
  const started = await Promise.all(Array.from({ length: 6 }, () => daemon.trigger("say")));
  const ended = await Promise.all(started.map(({ id }) => daemon.untilRun(id, isOver)));
  const answers = new Set(ended.map(({ result, state }) => result ?? state.message));
  return answers.size === 1 ? [...answers][0] : [...answers];
}

async function untilGeneration(daemon: TestDaemon, generation: number): Promise<void> {
  const isThere = async () => (await daemon.status()).config.generation >= generation;
  await until(`generation ${generation} is in force`, isThere, daemon);
}
