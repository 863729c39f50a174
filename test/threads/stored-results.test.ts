import { afterEach, describe, expect, test } from "bun:test";
import type { KeptResult } from "../../src/domain/executor.ts";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { poolWith } from "./support/pool-with.ts";

const CONFIG = `import { defineConfig, flow, log, task } from "tocsin";
const double = task({ name: "double", persist: true, run: (n: number, _extra?: object) => { log("double " + n); return n * 2; } });
const named = task({ name: "named", persist: { key: (n: number) => "n" + n }, run: (n: number) => ({ n }) });
const silent = task({ name: "silent", persist: true, run: () => {} });
const dated = task({ name: "dated", persist: true, run: () => new Date(0) });
const big = task({ name: "big", persist: true, retries: 3, run: () => ({ a: [1n] }) });
const badKey = task({ name: "bad-key", persist: { key: () => 3 as never }, run: () => 1 });
const noKey = task({ name: "no-key", persist: true, run: (value: unknown) => value });
const cached = task({ name: "cached", cache: { key: (n: number) => "c" + n, expires: "1h" }, run: (n: number) => { log("cached " + n); return n; } });
const both = task({ name: "both", persist: true, cache: { key: () => "b" }, run: () => "fresh" });
const uncacheable = task({ name: "uncacheable", cache: { key: () => "u" }, run: () => { const a: Record<string, unknown> = {}; a["a"] = a; return a; } });
const flows = {
  persists: async () => [await double(1), await double(2), await double(1)],
  order: async () => await double(1, { b: 1, a: 2 }),
  swapped: async () => await double(1, { a: 2, b: 1 }),
  named: () => named(7),
  silent: async () => ((await silent()) as unknown) === null,
  dated: () => dated(),
  big: () => big(),
  "bad-key": () => badKey(),
  "no-key": () => noKey({ deep: { n: 1n } }),
  cached: () => cached(5),
  both: () => both(),
  uncacheable: async () => Object.keys(await uncacheable()),
};
export default defineConfig({ flows: Object.entries(flows).map(([name, run]) => flow({ name, run: run as never })) });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function poolAnswering(answer: (request: ThreadRequest) => Json = () => null) {
  const asked: string[] = [];
  const made = poolWith(CONFIG, {
    async answerRequest(request) {
      asked.push(request.kind);
      return answer(request);
    },
  });
  stops.push(() => made.executor.stop(0));
  const run = async (flow: string, options: Parameters<typeof made.start>[1] = {}) => {
    const offer = made.start(flow, options);
    const { outcome } = await made.ledger.end(offer);
    const steps = made.ledger.steps(offer.runId);
    const names = steps.map(({ after }) => after.state.name);
    const texts = made.ledger.lines(offer.runId).map(({ text }) => text);
    return { outcome, steps, names, texts };
  };
  const kept = (steps: Awaited<ReturnType<typeof run>>["steps"]): readonly KeptResult[] =>
    steps.flatMap(({ after: { task, call, keep: key, result } }) =>
      key === undefined || result === undefined ? [] : [{ task, call, key, result }],
    );
  return { run, kept, asked };
}

describe("a task with persist", () => {
  test("keeps the result of each call under a key, and waits until it is saved", async () => {
    const { run, kept, asked } = poolAnswering();
    const { outcome, steps } = await run("persists");

    const results = kept(steps);
    expect(outcome).toMatchObject({ type: "completed", result: "[2,4,2]" });
    expect(results.map(({ task, call, result }) => `${task} ${call} ${result}`)).toEqual([
      "double 0 2",
      "double 1 4",
      "double 2 2",
    ]);
    expect(results[0]?.key).toBe(results[2]?.key as string);
    expect(results[0]?.key).not.toBe(results[1]?.key as string);
    expect(asked).toEqual(["reports-saved", "reports-saved", "reports-saved"]);
  });

  test("answers a call of a later attempt from what was kept, and executes only the rest", async () => {
    const { run, kept } = poolAnswering();
    const [first, second] = kept((await run("persists")).steps);
    if (first === undefined || second === undefined) throw new Error("nothing was kept");
    const again = await run("persists", {
      attempt: 2,
      kept: [{ ...first, result: "20" as never }, second],
    });

    expect(again.outcome).toMatchObject({ result: "[20,4,2]" });
    expect(again.names.join(" ")).toBe("Pending Cached Pending Cached Pending Running Completed");
    expect(again.texts).toEqual(["double 1"]);
  });

  test("executes again where task, call or key differ", async () => {
    const { run } = poolAnswering();
    const key = "n7";
    const result = '{"n":70}' as never;
    const kept = (part: Partial<KeptResult>) => ({
      kept: [{ task: "named", call: 0, key, result, ...part }],
    });

    expect((await run("named", kept({}))).outcome).toMatchObject({ result: '{"n":70}' });
    for (const other of [{ task: "double" }, { call: 1 }, { key: "n8" }]) {
      expect((await run("named", kept(other))).outcome).toMatchObject({ result: '{"n":7}' });
    }
  });

  test("has the same key for the same arguments, whatever the order of their properties", async () => {
    const { run, kept } = poolAnswering();
    const [order] = kept((await run("order")).steps);
    const [swapped] = kept((await run("swapped")).steps);

    expect(order?.key).toBe(swapped?.key as string);
  });

  test("answers what JSON makes of its result, the first time as well", async () => {
    const { run } = poolAnswering();

    expect((await run("silent")).outcome).toMatchObject({ result: "true" });
    expect((await run("dated")).outcome).toMatchObject({ result: '"1970-01-01T00:00:00.000Z"' });
  });

  test("fails, and is not tried again, when JSON cannot hold its result", async () => {
    const { outcome, names } = await poolAnswering().run("big");

    expect(outcome).toMatchObject({
      type: "failed",
      message:
        'task "big": Cannot keep the result: result.a[0] is a BigInt, which JSON cannot hold',
    });
    expect(names).toEqual(["Pending", "Running", "Failed"]);
  });

  test("fails when there is no key, and says why", async () => {
    const { run } = poolAnswering();

    expect((await run("bad-key")).outcome).toMatchObject({
      message: 'task "bad-key": Cannot call task "bad-key": its persist key is 3, expected a text',
    });
    expect((await run("no-key")).outcome).toMatchObject({
      message: expect.stringContaining("arguments[0].deep.n is a BigInt, which JSON cannot hold"),
    });
  });

  test("does not answer before its result is saved, and fails where it cannot be", async () => {
    const { run } = poolAnswering(() => {
      throw new Error("Cannot save: the disk is full");
    });
    const { outcome, names } = await run("named");

    expect(outcome).toMatchObject({ type: "failed", message: "Cannot save: the disk is full" });
    expect(names.at(-1)).toBe("Completed");
  });
});

describe("a task with cache", () => {
  test("is executed on a miss, and its result is stored with its end", async () => {
    const { run, asked } = poolAnswering(() => ({ found: false }));
    const { outcome, steps, texts } = await run("cached");

    const last = steps.at(-1)?.after;
    const expiresIn = (last?.cache?.expiresAt ?? 0) - Date.now();
    expect(outcome).toMatchObject({ result: "5" });
    expect(texts).toEqual(["cached 5"]);
    expect(last).toMatchObject({ result: "5" as never, cache: { key: "c5" } });
    expect(expiresIn).toBeWithin(3_000_000, 3_600_001);
    expect(asked).toEqual(["cache-load"]);
  });

  test("is answered on a hit, and not executed", async () => {
    const { run } = poolAnswering((request) =>
      request.kind === "cache-load" && request.key === "c5" && request.task === "cached"
        ? { found: true, result: 50 }
        : { found: false },
    );
    const { outcome, names, texts, steps } = await run("cached");

    expect(outcome).toMatchObject({ result: "50" });
    expect(names).toEqual(["Pending", "Cached"]);
    expect(texts).toEqual([]);
    expect(steps.at(-1)?.after.cache).toBeUndefined();
  });

  test("keeps a hit for further attempts where it persists too", async () => {
    const { run, kept, asked } = poolAnswering(() => ({ found: true, result: "old" }));
    const first = await run("both");

    expect(first.outcome).toMatchObject({ result: '"old"' });
    expect(kept(first.steps)).toMatchObject([{ task: "both", call: 0, result: '"old"' as never }]);
    await run("both", { attempt: 2, kept: kept(first.steps) });
    expect(asked).toEqual(["cache-load", "reports-saved"]);
  });

  test("is executed when the cache cannot be asked, and says so", async () => {
    const { run } = poolAnswering(() => {
      throw new Error("the disk is gone");
    });
    const { outcome, texts } = await run("cached");

    expect(outcome).toMatchObject({ result: "5" });
    expect(texts).toEqual([
      "Cannot look into the cache, so the task is executed: the disk is gone",
      "cached 5",
    ]);
  });

  test("completes with a note when its result cannot be stored", async () => {
    const { outcome, steps, texts } = await poolAnswering(() => ({ found: false })).run(
      "uncacheable",
    );

    const note = "Cannot keep the result: result.a is a circle: it holds itself";
    expect(outcome).toMatchObject({ type: "completed", result: '["a"]' });
    expect(steps.at(-1)?.after.state.message).toBe(note);
    expect(texts).toEqual([note]);
  });
});
