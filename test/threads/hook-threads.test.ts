import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Ringing } from "../../src/domain/delivery.ts";
import { instant } from "../../src/domain/instant.ts";
import { createRinger, type RingerDeps } from "../../src/threads/hook-threads.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { aRinging } from "./support/a-ringing.ts";
import { configDir } from "./support/config-dir.ts";
import { generationOf, quietLog } from "./support/pool-with.ts";

const HOOKS = `import { blocks, defineConfig, flow, hook, HookRejection, log, runtime, task } from "tocsin";
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const greet = task({ name: "greet", run: (name: string) => "hello " + name });
const code = {
  fine: () => {},
  tells: async (context) => { log.warn(context.run.name, context.delivery.moment, context.delivery.attempt, runtime.flowRun.name, context.urls.run); console.log(await greet("you")); },
  throws: async () => { throw new Error("the receiver said 500"); },
  "throws-text": () => { throw "no"; },
  later: () => { throw new HookRejection("busy", { retryAfterMs: 7_000 }); },
  heeds: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))),
  ignores: async () => { log("began"); await sleep(60_000); },
  waits: () => sleep(300),
  loop: () => { for (;;) {} },
  exits: async () => { await sleep(1); process.exit(4); },
  loads: async (context) => { log(await context.blocks.load("secret/x")); },
};
export default defineConfig({ flows: [flow({ name: "f", run() {}, onFailure: Object.entries(code).map(([name, run]) => hook({ name, run })) })], hooks: ["./module.ts"] });
`;
const MODULE = `import { hook } from "tocsin"; export default hook({ on: "onFailure", run: ({ log }) => log("from the module") });`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function ringing(hook: string, timeoutMs = 20_000): Ringing {
  return aRinging(hook.includes(":") ? hook : `flow:f/onFailure/${hook}`, { timeoutMs });
}

function ringerWith(deps: Partial<RingerDeps> = {}) {
  const configPath = configDir(HOOKS, { "module.ts": MODULE });
  const ringer = createRinger({
    clock: () => instant(Date.now()),
    log: quietLog,
    newest: () => generationOf(configPath),
    answerRequest: async () => "a value",
    threadsMax: 1,
    ...deps,
  });
  stops.push(() => ringer.stop(0));
  const ring = (hook: string, timeoutMs?: number, alone = false) =>
    ringer.ring(ringing(hook, timeoutMs), { alone });
  return { ringer, ring };
}

describe("a hook in its thread", () => {
  test("is told of run, moment, attempt and addresses, and its lines are kept", async () => {
    const { ring } = ringerWith();
    const rung = await ring("tells");

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(rung.log.map(({ level, text }) => `${level} ${text}`)).toEqual([
      "warn brave-otter onFailure 2 brave-otter http://localhost/runs/run-1",
      "info hello you",
    ]);
  });

  test("rings modules by their key, and asks the main thread for blocks", async () => {
    const asked: unknown[] = [];
    const { ring } = ringerWith({
      async answerRequest(request, origin) {
        asked.push(request, origin);
        return "s3cret";
      },
    });
    const [module, loads] = await Promise.all([ring("module:./module.ts"), ring("loads")]);

    expect(module.log[0]?.text).toBe("from the module");
    expect(loads.log[0]?.text).toBe("s3cret");
    expect(asked).toEqual([
      { kind: "block-load", reference: "secret/x" },
      { delivery: loads.deliveryId },
    ]);
  });

  test("rings the code that was accepted, whatever has become of it on disk", async () => {
    const configPath = configDir(HOOKS, { "module.ts": MODULE });
    const answer = await readConfig(configPath);
    if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems));
    const generation = { ...generationOf(configPath), sources: answer.sources };
    const { ring } = ringerWith({ newest: () => generation });
    writeFileSync(configPath, "} broken");
    writeFileSync(join(dirname(configPath), "module.ts"), MODULE.replace("from", "edited in"));
    const before = await ring("module:./module.ts");
    await ring("exits");
    const after = await ring("module:./module.ts");

    expect([before, after].map(({ log }) => log[0]?.text)).toEqual([
      "from the module",
      "from the module",
    ]);
  });

  test("fails when it throws, an error or not, with the wait that a receiver asked for", async () => {
    const { ring } = ringerWith();
    const rung = await Promise.all(["throws", "throws-text", "later"].map((hook) => ring(hook)));

    expect(rung.map(({ outcome }) => outcome)).toMatchObject([
      { type: "failed", error: { message: "the receiver said 500" } },
      { type: "failed", error: { message: 'threw "no", which is not an Error' } },
      { type: "failed", error: { message: "busy" }, retryAfterMs: 7_000 },
    ]);
  });

  test("that is no longer in the config is said to be missing", async () => {
    const { ring } = ringerWith();

    expect((await ring("gone")).outcome).toEqual({
      type: "no-such-hook",
      message: 'Cannot ring hook "flow:f/onFailure/gone": the newest config has no such hook',
    });
  });

  test("does not wait for others", async () => {
    const { ring } = ringerWith();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    await Promise.all([ring("waits").then(note("waits")), ring("fine").then(note("fine"))]);

    expect(order).toEqual(["fine", "waits"]);
  });
});

describe("a hook whose time is over", () => {
  test("fails, whether it heeds its signal or not, and its lines are kept", async () => {
    const { ring } = ringerWith();
    const [heeds, ignores, fine] = await Promise.all([
      ring("heeds", 100),
      ring("ignores", 100),
      ring("fine"),
    ]);
    const error = { message: "the hook took longer than its timeout of 100ms" };

    expect(heeds.outcome).toMatchObject({ type: "failed", error });
    expect(ignores.outcome).toMatchObject({
      type: "failed",
      error: { ...error, name: "TimedOut" },
    });
    expect(ignores.log[0]?.text).toBe("began");
    expect(fine.outcome.type).toBe("delivered");
  });

  test("is terminated when it never yields, and has failed if it was alone", async () => {
    const { ring } = ringerWith();
    const loop = await ring("loop", 50);
    const next = await ring("fine");

    expect(loop.outcome).toMatchObject({ type: "failed", error: { name: "ThreadDied" } });
    expect(next.outcome.type).toBe("delivered");
  });

  test("interrupts all when it is not known which of several is to blame", async () => {
    const { ring } = ringerWith();
    const rung = await Promise.all([ring("waits"), ring("loop", 50), ring("ignores")]);

    expect(rung.map(({ outcome }) => outcome.type)).toEqual([
      "interrupted",
      "interrupted",
      "interrupted",
    ]);
  });
});

describe("a hook that exits", () => {
  test("has failed, and the others in its thread are interrupted", async () => {
    const { ring } = ringerWith();
    const [waits, exits] = await Promise.all([ring("ignores"), ring("exits")]);

    expect(exits.outcome).toMatchObject({
      type: "failed",
      error: { message: "the hook called process.exit(4)" },
    });
    expect(waits.outcome.type).toBe("interrupted");
    expect((await ring("fine")).outcome.type).toBe("delivered");
  });

  test("disturbs nobody when it is rung alone", async () => {
    const { ring } = ringerWith();
    const [waits, exits, loop, fine] = await Promise.all([
      ring("waits"),
      ring("exits", 20_000, true),
      ring("loop", 50, true),
      ring("fine", 20_000, true),
    ]);

    expect(waits.outcome.type).toBe("delivered");
    expect(exits.outcome).toMatchObject({ type: "failed", error: { name: "Exited" } });
    expect(loop.outcome.type).toBe("failed");
    expect(fine.outcome.type).toBe("delivered");
  });
});

describe("the ringer", () => {
  test("takes as many as fit, and rings 2,000 at a time through", async () => {
    const { ringer, ring } = ringerWith({ threadsMax: 2 });
    expect(ringer.room()).toBe(1_024);
    const ringings = Array.from({ length: 2_000 }, () => ring("fine"));
    expect(ringer.room()).toBe(0);
    const rung = await Promise.all(ringings);

    expect(rung.every(({ outcome }) => outcome.type === "delivered")).toBe(true);
    expect(ringer.room()).toBe(1_024);
  });

  test("rings on the newest config, and says what keeps it from being imported", async () => {
    const text = (said: string) => `import { defineConfig, flow, log } from "tocsin";
export default defineConfig({ flows: [flow({ name: "f", run() {}, onFailure: function say() { log("${said}"); } })] });`;
    let newest = generationOf(configDir(text("one")));
    const { ring } = ringerWith({ newest: () => newest });
    const first = await ring("say");
    newest = generationOf(configDir(text("two")), 2);
    const second = await ring("say");
    newest = generationOf(configDir("throw new Error('half an edit');"), 3);
    const third = await ring("say");

    expect([first.log[0]?.text, second.log[0]?.text]).toEqual(["one", "two"]);
    expect(third.outcome).toMatchObject({
      type: "failed",
      error: { message: expect.stringContaining("half an edit") },
    });
  });

  test("stop() waits for what is being performed, interrupts the rest, and takes no more", async () => {
    const { ringer, ring } = ringerWith();
    const ignored = ring("ignores");
    const fine = await ring("fine");
    await ringer.stop(20);

    expect(fine.outcome.type).toBe("delivered");
    expect((await ignored).outcome.type).toBe("interrupted");
    expect((await ring("fine")).outcome.type).toBe("interrupted");
    expect(ringer.room()).toBe(0);
  });
});

test("a program that a hook has started is killed when the daemon stops", async () => {
  const pid = join(dirname(configDir("")), "pid");
  const script = `trap "" TERM; sleep 600 & echo $$ > ${pid}.draft; mv ${pid}.draft ${pid}; wait`;
  const config = `import { defineConfig, flow } from "tocsin"; import { command } from "tocsin/hooks/command";
const stays = command({ name: "stays", argv: ["/bin/sh", "-c", ${JSON.stringify(script)}] });
export default defineConfig({ flows: [flow({ name: "f", run() {}, onFailure: stays })] });`;
  const configPath = configDir(config);
  const { ringer, ring } = ringerWith({ newest: () => generationOf(configPath) });
  const rung = ring("stays");
  while (!existsSync(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  const group = Number(readFileSync(pid, "utf8"));
  await ringer.stop(0);

  expect((await rung).outcome.type).toBe("interrupted");
  while (isAlive(group)) await new Promise((resolve) => setTimeout(resolve, 5));
});

function isAlive(pid: number): boolean {
  try {
    // A killed process may wait as a zombie for somebody to read its end.
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
