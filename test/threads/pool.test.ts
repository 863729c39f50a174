import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { ThreadExecutorDeps } from "../../src/threads/pool-state.ts";
import { configDir } from "./support/config-dir.ts";
import type { AddOptions } from "./support/memory-ledger.ts";
import { generationOf, poolWith } from "./support/pool-with.ts";

const FLOWS = `import { execSync } from "node:child_process";
import { blocks, defineConfig, flow, log, runtime, task, v } from "tocsin";
const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const fetchIt = task({ name: "fetch", retries: 1, run: async () => { throw new Error("fetch failed", { cause: new Error("connect ECONNREFUSED") }); } });
const doubled = task({ name: "doubled", run: (n: number) => n * 2 });
const exits = task({ name: "exits", run: () => { process.exit(7); } });
const slowTask = task({ name: "slow-task", timeout: 30, run: () => tick(60_000) });
const later = task({ name: "later", retries: 1, retryDelay: 5, run: () => { if (runtime.taskRun?.attempt === 1) throw new Error("once"); return "done"; } });
const endless = task({ name: "endless", run: () => tick(60_000) });
const flows = {
  answer: () => ({ sum: 42 }),
  nothing: () => {},
  noop: async () => {},
  circle: () => { const a: Record<string, unknown> = {}; a.b = { c: a }; return a; },
  big: () => ({ n: 10n }),
  throws: () => { throw new Error("no disk"); },
  "throws-text": () => { throw "just a text"; },
  "throws-null": () => { throw null; },
  dies: () => { process.reallyExit(4); },
  "exits-itself": () => { process.exit(3); },
  "exits-in-task": async () => { await exits(); },
  "fails-in-task": async () => { await fetchIt(); },
  tasks: async () => (await Promise.all([doubled(1), doubled(2)])).concat(0),
  "task-retry": () => later(),
  "task-timeout": () => slowTask(),
  "leaves-task": () => { void endless(); },
  loop: () => { for (;;) {} },
  "blocks-thread": () => { execSync("sleep 7"); },
  "log-then-loop": () => { log("before the loop"); for (;;) {} },
  polite: async (_: unknown, { signal }: { signal: AbortSignal }) => { await new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))); },
  stubborn: () => tick(60_000),
  writes: async () => { console.log("one\\ntwo", { a: 1 }); console.error("bad"); process.stdout.write("par"); process.stdout.write("tial\\nrest"); log.warn("nul \\0 lone \\ud800"); },
  chatty: () => { for (let i = 0; i < 30; i++) console.log("line " + i); },
  "late-rejection": async () => { void Promise.reject(new Error("forgotten")); },
  "late-throw": async () => { setTimeout(() => { throw new Error("from a timer"); }, 1); await tick(60_000); },
  "turns-slow": async () => { if ((globalThis as { slow?: boolean }).slow) await tick(60_000); },
  "may-loop": ({ loop }: { loop?: boolean }) => { if (loop === true) for (;;) {} },
  "make-slow": () => { (globalThis as { slow?: boolean }).slow = true; },
  about: () => ({ name: runtime.flowRun.name, attempt: runtime.flowRun.attempt, env: process.env["BUN_OPTIONS"] ?? "none" }),
  blocks: async () => { await blocks.save("string", "x", "v"); return await blocks.load("string/x"); },
  "blocks-fail": () => blocks.load("string/none"),
};
export default defineConfig({ flows: [
  ...Object.entries(flows).map(([name, run]) => flow({ name, run: run as never })),
  flow({ name: "picky", parameters: v.object({ day: v.string() }), run: ({ day }) => day }),
  flow({ name: "final", retryOn: () => false, run: () => { throw new Error("no use"); } }),
] });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function pool(deps: Partial<ThreadExecutorDeps> = {}, config = FLOWS) {
  const made = poolWith(config, deps);
  stops.push(() => made.executor.stop(0));
  return made;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function outcome(flow: string, options: AddOptions = {}) {
  return (await pool().perform(flow, options)).outcome;
}

describe("a run in a thread", () => {
  test("completes with its result as JSON", async () => {
    expect(await outcome("answer")).toEqual({ type: "completed", result: '{"sum":42}' as never });
    expect(await outcome("nothing")).toEqual({ type: "completed" });
  });

  test("completes with a note that names what in the result cannot be kept", async () => {
    expect(await outcome("circle")).toEqual({
      type: "completed",
      note: "Cannot keep the result: result.b.c is a circle: it holds itself",
    });
    expect(await outcome("big")).toEqual({
      type: "completed",
      note: "Cannot keep the result: result.n is a BigInt, which JSON cannot hold",
    });
  });

  test("fails with what was thrown, an error or not", async () => {
    expect(await outcome("throws")).toMatchObject({
      type: "failed",
      message: "no disk",
      error: { name: "Error" },
    });
    expect(await outcome("throws-text")).toMatchObject({
      type: "failed",
      message: 'threw "just a text", which is not an Error',
    });
    expect(await outcome("throws-null")).toMatchObject({
      type: "failed",
      message: "threw null, which is not an Error",
    });
  });

  test("is final when retryOn says no", async () => {
    expect(await outcome("final")).toMatchObject({ type: "failed", final: true });
  });

  test("does not begin with parameters that do not fit", async () => {
    expect(await outcome("picky", { parameters: { day: 3 } })).toMatchObject({
      type: "failed",
      final: true,
      message: expect.stringContaining('Cannot start flow "picky": parameter "day": '),
    });
    expect(await outcome("picky", { parameters: { day: "mon" } })).toMatchObject({
      result: '"mon"',
    });
  });

  test("fails for good when the config has no such flow", async () => {
    expect(await outcome("gone")).toMatchObject({ type: "failed", final: true });
  });

  test("knows its run, and not the daemon's BUN_OPTIONS", async () => {
    process.env["BUN_OPTIONS"] = "--smol";
    const told = await outcome("about");
    delete process.env["BUN_OPTIONS"];

    expect(told).toMatchObject({ result: '{"name":"name-1","attempt":1,"env":"none"}' });
  });

  test("crashes when its code exits, and says who did it", async () => {
    expect(await outcome("exits-itself")).toEqual({
      type: "crashed",
      message: 'flow "exits-itself" called process.exit(3)',
    });
    expect(await outcome("exits-in-task")).toEqual({
      type: "crashed",
      message: 'task "exits" called process.exit(7)',
    });
  });

  test("crashes with its thread, and how much memory there was is told", async () => {
    expect(await outcome("dies")).toEqual({
      type: "crashed",
      message: expect.stringMatching(
        /^its thread .+ \(the daemon used [\d.]+ MiB of memory(, its limit is [\d.]+ MiB)?\)$/,
      ),
    });
  });

  test("crashes on an error that nobody caught", async () => {
    // Under the test runner such an error also ends the thread; elsewhere the thread reports it.
    expect(await outcome("late-rejection")).toMatchObject({
      type: "crashed",
      message: expect.stringMatching(/(nobody caught|thread died): forgotten( \(.+\))?$/),
    });
    expect(await outcome("late-throw")).toMatchObject({
      type: "crashed",
      message: expect.stringMatching(/(nobody caught|thread died): from a timer( \(.+\))?$/),
    });
  });

  test("loads and saves blocks through the main thread, errors included", async () => {
    const kept = new Map<string, string>();
    const { perform } = pool({
      async answerRequest(request, origin) {
        if (request.kind === "block-save") {
          kept.set(`${request.type}/${request.name}`, `${request.value} by ${origin.run}`);
          return null;
        }
        const reference = request.kind === "block-load" ? request.reference : "";
        const found = kept.get(reference);
        if (found === undefined) throw new Error(`Cannot find block "${reference}"`);
        return found;
      },
    });

    expect((await perform("blocks")).outcome).toMatchObject({ result: '"v by run-1"' });
    expect((await perform("blocks-fail")).outcome).toMatchObject({
      type: "failed",
      message: 'Cannot find block "string/none"',
    });
  });
});

describe("tasks in a run", () => {
  const names = (
    steps: readonly { readonly after: { readonly state: { readonly name: string } } }[],
  ) => steps.map((step) => step.after.state.name);

  test("go through their states and answer the flow", async () => {
    const { ledger, start } = pool();
    const offer = start("tasks");
    const { outcome } = await ledger.end(offer);

    const steps = ledger.steps(offer.runId);
    const second = steps.filter((step) => step.after.call === 1);
    expect(outcome).toMatchObject({ result: "[2,4,0]" });
    expect(names(second)).toEqual(["Pending", "Running", "Completed"]);
    expect(second.map((step) => step.after.rev)).toEqual([1, 2, 3]);
  });

  test("are retried, with AwaitingRetry only where there is a wait", async () => {
    const { ledger, start } = pool();
    const waits = start("task-retry");
    const direct = start("fails-in-task");
    const done = await ledger.end(waits);
    const failed = await ledger.end(direct);

    expect(done.outcome).toMatchObject({ result: '"done"' });
    expect(names(ledger.steps(waits.runId))).toEqual([
      "Pending",
      "Running",
      "AwaitingRetry",
      "Retrying",
      "Completed",
    ]);
    expect(names(ledger.steps(direct.runId))).toEqual(["Pending", "Running", "Retrying", "Failed"]);
    expect(failed.outcome).toMatchObject({
      type: "failed",
      message: 'task "fetch": fetch failed: connect ECONNREFUSED',
    });
  });

  test("time out", async () => {
    const { ledger, start } = pool();
    const offer = start("task-timeout");
    const { outcome } = await ledger.end(offer);

    expect(outcome).toMatchObject({
      type: "failed",
      message: expect.stringContaining('task "slow-task"'),
    });
    expect(names(ledger.steps(offer.runId)).at(-1)).toBe("TimedOut");
  });

  test("crash with their run, or when the flow ends before them", async () => {
    const { ledger, start } = pool();
    const exits = start("exits-in-task");
    const leaves = start("leaves-task");
    await ledger.end(exits);
    const left = await ledger.end(leaves);

    expect(ledger.steps(exits.runId).at(-1)?.after.state).toMatchObject({
      type: "CRASHED",
      message: 'task "exits" called process.exit(7)',
    });
    expect(left.outcome.type).toBe("completed");
    expect(ledger.steps(leaves.runId).at(-1)?.after.state).toMatchObject({
      type: "CRASHED",
      message: "the flow ended before the task did",
    });
  });
});

describe("stopping a run", () => {
  test("terminates a loop that never yields when its time is over", async () => {
    expect(await outcome("loop", { timeoutMs: 50, graceMs: 20 })).toEqual({
      type: "timed-out",
      message: "timed out after 50ms; its thread was terminated",
    });
  });

  test("writes a thread off that a blocking call keeps, and says so", async () => {
    const stuck: string[] = [];
    const { perform, executor } = pool({
      stuckAfterMs: 100,
      onStuck: (flow, generation) => void stuck.push(`${flow} of ${generation}`),
    });
    const { outcome } = await perform("blocks-thread", { timeoutMs: 300, graceMs: 20 });

    expect(outcome).toEqual({
      type: "timed-out",
      message: "timed out after 300ms; the thread could not be stopped and was written off",
    });
    expect(executor.health()).toMatchObject({ threads: 0, stuck: 1 });
    expect(stuck).toEqual(["blocks-thread of 1"]);
    expect((await perform("answer")).outcome.type).toBe("completed");
  });

  test("lets a run that heeds its signal end by itself", async () => {
    expect(await outcome("polite", { timeoutMs: 50, graceMs: 60_000 })).toEqual({
      type: "timed-out",
      message: "timed out after 50ms",
    });
  });

  test("keeps what a run said before its loop", async () => {
    const { ledger, start } = pool();
    const offer = start("log-then-loop", { timeoutMs: 200, graceMs: 20 });
    await ledger.end(offer);

    expect(ledger.lines(offer.runId)[0]?.text).toBe("before the loop");
  });

  test("cancels by signal, and by force when the grace is over", async () => {
    const { ledger, executor, start } = pool();
    const polite = start("polite");
    const stubborn = start("stubborn");
    await until(() => ledger.began.length === 2);
    executor.cancel(polite.runId, 60_000);
    executor.cancel(stubborn.runId, 20);

    expect((await ledger.end(polite)).outcome).toEqual({
      type: "cancelled",
      message: "cancelled while it ran",
    });
    expect((await ledger.end(stubborn)).outcome).toEqual({
      type: "cancelled",
      message: "cancelled while it ran; its thread was terminated",
    });
  });

  test("cancels at once what has not begun", async () => {
    const { ledger, executor, start } = pool({ threadsMax: 1 });
    const offer = start("stubborn");
    executor.cancel(offer.runId, 60_000);

    expect((await ledger.end(offer)).outcome).toEqual({
      type: "cancelled",
      message: "it had not begun",
    });
  });

  test("stop() ends everything and reports it as crashed", async () => {
    const { ledger, executor, start } = pool();
    const loop = start("loop");
    const polite = start("polite");
    await until(() => ledger.began.length === 2);
    await executor.stop(20);

    const ends = [ledger.ends.get(loop.runId), ledger.ends.get(polite.runId)];
    expect(ends.map((end) => end?.outcome.type)).toEqual(["crashed", "crashed"]);
    expect(ends[1]?.outcome).toMatchObject({
      message: "the daemon stopped while the run was in flight",
    });
    expect(executor.health().threads).toBe(0);
    expect(executor.offer([ledger.add("noop")]).full).toBe(true);
  });
});

describe("what a run writes", () => {
  test("becomes its log lines, split, levelled and tidied", async () => {
    const { ledger, start } = pool();
    const offer = start("writes");
    await ledger.end(offer);

    expect(ledger.lines(offer.runId).map(({ level, text }) => `${level} ${text}`)).toEqual([
      "info one",
      "info two { a: 1 }",
      "error bad",
      "info partial",
      "warn nul \uFFFD lone \uFFFD",
      "info rest",
    ]);
  });

  test("is bounded, and a last line says so", async () => {
    const { ledger, start } = pool({ logLinesMax: 10 });
    const offer = start("chatty");
    await ledger.end(offer);

    const lines = ledger.lines(offer.runId);
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)?.text).toBe("Lines beyond the first 10 are not kept");
  });
});

describe("the pool", () => {
  test("takes 5,000 quick runs through a few threads, each once", async () => {
    const { ledger, executor, queue, dispatch, perform } = pool({ threadsMax: 4 });
    await perform("noop");
    const offers = Array.from({ length: 5_000 }, () => ledger.add("noop"));
    queue.push(...offers);
    dispatch();
    await Promise.all(offers.map((offer) => ledger.end(offer)));

    expect([...ledger.ends.values()].every(({ outcome }) => outcome.type === "completed")).toBe(
      true,
    );
    expect(ledger.ends.size).toBe(5_001);
    expect(executor.held()).toEqual([]);
    expect(executor.health().stuck).toBe(0);
  });

  test("takes runs back from behind one that turns out slow", async () => {
    const { ledger, queue, dispatch, perform, executor } = pool({ threadsMax: 2 });
    while ((await perform("turns-slow")).outcome.type !== "completed" || ledger.ends.size < 20);
    await perform("make-slow");
    const slow = ledger.add("turns-slow");
    const rest = Array.from({ length: 20 }, () => ledger.add("answer"));
    await perform("answer");
    queue.push(slow, ...rest);
    dispatch();
    const ends = await Promise.all(rest.map((offer) => ledger.end(offer)));

    expect(ends.every(({ outcome }) => outcome.type === "completed")).toBe(true);
    expect(executor.held().length).toBeLessThanOrEqual(1);
  });

  test("gives back what it took for quick, and has no thread for", async () => {
    const { ledger, queue, dispatch, perform, executor } = pool({ threadsMax: 1 });
    await perform("make-slow");
    while ((await perform("answer")).outcome.type !== "completed" || ledger.ends.size < 20);
    const slow = ledger.add("turns-slow");
    const rest = Array.from({ length: 20 }, () => ledger.add("answer"));
    // Nothing is known of the flow, and there is a crowd: it counts as a quick one.
    queue.push(slow, ...rest);
    dispatch();

    await until(() => ledger.released.length === rest.length);
    expect(ledger.released.toSorted()).toEqual(rest.map(({ runId }) => runId).toSorted());
    expect(executor.held()).toEqual([slow.runId]);
    expect(ledger.began).not.toContain(rest[0]?.runId);
  });

  test("keeps what was completed before a loop in the same batch, and what comes after it", async () => {
    const { ledger, queue, dispatch, perform } = pool();
    for (let run = 0; run < 10; run += 1) await perform("may-loop");
    const loop = ledger.add("may-loop", {
      parameters: { loop: true },
      timeoutMs: 100,
      graceMs: 20,
    });
    const others = Array.from({ length: 20 }, () => ledger.add("may-loop"));
    queue.push(...others.slice(0, 10), loop, ...others.slice(10));
    dispatch();
    const ends = await Promise.all(others.map((offer) => ledger.end(offer)));

    expect((await ledger.end(loop)).outcome.type).toBe("timed-out");
    expect(ends.map(({ outcome }) => outcome.type)).toEqual(Array(20).fill("completed"));
  });

  test("begins runs of a new generation on its code, and ends old threads", async () => {
    const old = (text: string) => `import { defineConfig, flow } from "tocsin";
export default defineConfig({ flows: [flow({ name: "say", run: () => "${text}" })] });`;
    const { perform, state, executor } = pool({}, old("one"));
    const before = await perform("say");
    state.generation = generationOf(configDir(old("two")), 2);
    executor.warm();
    const after = await perform("say");

    expect(before.outcome).toMatchObject({ result: '"one"' });
    expect(after.outcome).toMatchObject({ result: '"two"' });
    expect(executor.health().threads).toBe(1);
  });

  test("replaces a thread after so many runs", async () => {
    const { perform } = pool(
      { threadsMax: 1, runsPerThread: 2 },
      `import { defineConfig, flow } from "tocsin"; let count = 0;
export default defineConfig({ flows: [flow({ name: "count", run: () => ++count })] });`,
    );
    const results: unknown[] = [];
    for (let run = 0; run < 5; run += 1) results.push((await perform("count")).outcome);

    expect(results.map((outcome) => JSON.parse(JSON.stringify(outcome)).result)).toEqual([
      "1",
      "2",
      "1",
      "2",
      "1",
    ]);
  });

  test("ends a thread that has been idle for a while, the last one too", async () => {
    const { perform, executor } = pool({ idleMs: 20 });
    await perform("answer");
    await until(() => executor.health().threads === 0);

    expect((await perform("answer")).outcome.type).toBe("completed");
  });

  test("is kept warm by starting a thread where none is idle, and by renewing its time", async () => {
    const { executor, perform } = pool({ idleMs: 200 });
    executor.warm();
    executor.warm();
    expect(executor.health()).toMatchObject({ threads: 1, busy: 0 });
    const warming = setInterval(() => executor.warm(), 20);
    const end = performance.now() + 500;
    await until(() => performance.now() > end || executor.health().threads !== 1);
    clearInterval(warming);

    expect(executor.health().threads).toBe(1);
    expect((await perform("answer")).outcome.type).toBe("completed");
    await until(() => executor.health().threads === 0);
  });

  test("crashes runs, with the reason, when no thread can import the config", async () => {
    const { perform, state } = pool({ threadsMax: 1 });
    writeFileSync(state.generation.configPath, "throw new Error('half an edit');");

    expect((await perform("noop")).outcome).toMatchObject({
      type: "crashed",
      message: expect.stringContaining("half an edit"),
    });
  });
});
