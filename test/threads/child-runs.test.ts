import { afterEach, describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { until } from "../support/until.ts";
import { poolWith } from "./support/pool-with.ts";

const CONFIG = `import { client, defineConfig, flow, task, v } from "tocsin";
const child = flow({ name: "child", parameters: v.object({ day: v.string() }), run: ({ day }) => day + "!" });
const leaf = flow({ name: "leaf", run: () => "leaf" });
const inTask = task({ name: "in-task", run: () => child({ day: "tue" }) });
const flows = [
  child, leaf,
  flow({ name: "parent", run: () => child({ day: "mon" }) }),
  flow({ name: "task-parent", run: () => inTask() }),
  flow({ name: "endless", run: () => new Promise(() => {}) }),
  flow({ name: "leaf-parent", run: () => leaf() }),
  flow({ name: "forgetful", run: () => { void leaf(); } }),
  flow({ name: "catches", run: async () => { try { return await leaf(); } catch (error) { return { message: (error as Error).message, cause: ((error as Error).cause as Error)?.message }; } } }),
  flow({ name: "bad", run: () => (child as unknown as (x: unknown) => unknown)({ day: 1n }) }),
  flow({ name: "no-object", run: () => (child as unknown as (x: unknown) => unknown)("mon") }),
  flow({ name: "triggers", run: async (_, { client: own }) => { const { name } = await client.trigger(leaf, { tags: ["t"], at: new Date(0), idempotencyKey: "k" }); return [name, (await own.runs.find("x"))?.name ?? "none", (await client.runs.list({ flow: "leaf" })).length]; } }),
  flow({ name: "bad-trigger", run: () => client.trigger("leaf", { parameters: { n: 1n as never } }) }),
];
export default defineConfig({ flows });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function poolAnswering(answer: (request: ThreadRequest) => Json | Promise<Json>, threadsMax = 2) {
  const asked: ThreadRequest[] = [];
  const made = poolWith(CONFIG, {
    threadsMax,
    async answerRequest(request) {
      asked.push(request);
      return await answer(request);
    },
  });
  stops.push(() => made.executor.stop(0));
  return { ...made, asked };
}

const run = (type: string, more: object = {}) => ({
  run: { name: "calm-heron", state: { type, name: type, message: "", ...more } },
});

describe("a flow called in a flow", () => {
  test("is asked for as a child run, and answers its result", async () => {
    const { perform, asked } = poolAnswering(() => ({ ...run("COMPLETED"), result: "mon!" }));

    expect((await perform("parent")).outcome).toMatchObject({ result: '"mon!"' });
    expect((await perform("task-parent")).outcome).toMatchObject({ result: '"mon!"' });
    expect(asked).toEqual([
      { kind: "child-run", flow: "child", parameters: { day: "mon" } },
      { kind: "child-run", flow: "child", parameters: { day: "tue" } },
    ]);
  });

  test("answers nothing where the child had no result", async () => {
    const { perform, asked } = poolAnswering(() => run("COMPLETED"));

    expect((await perform("leaf-parent")).outcome).toEqual({ type: "completed" });
    expect(asked).toEqual([{ kind: "child-run", flow: "leaf", parameters: {} }]);
  });

  test("throws how the child ended, with the child's error as the cause", async () => {
    const state = { message: "no disk", error: { name: "IoError", message: "ENOSPC" } };
    const { perform } = poolAnswering(() => run("FAILED", state));

    expect((await perform("catches")).outcome).toMatchObject({
      result: '{"message":"flow \\"leaf\\" failed: no disk","cause":"ENOSPC"}',
    });
    expect((await perform("leaf-parent")).outcome).toMatchObject({
      type: "failed",
      message: expect.stringContaining('flow "leaf" failed: no disk'),
      error: { cause: { name: "IoError", message: "ENOSPC" } },
    });
  });

  test("says of a child that crashed or was cancelled what it was", async () => {
    const types = ["CRASHED", "CANCELLED"];
    const { perform } = poolAnswering(() => run(types.shift() ?? ""));

    expect((await perform("leaf-parent")).outcome).toMatchObject({
      message: 'flow "leaf" crashed',
    });
    expect((await perform("leaf-parent")).outcome).toMatchObject({
      message: 'flow "leaf" was cancelled',
    });
  });

  test("is refused parameters that are no object of JSON", async () => {
    const { perform, asked } = poolAnswering(() => null);

    expect((await perform("bad")).outcome).toMatchObject({
      message: expect.stringContaining(
        'Cannot run flow "child" as a child: its parameters hold what JSON cannot',
      ),
    });
    expect((await perform("no-object")).outcome).toMatchObject({
      message: 'Cannot run flow "child" as a child: its parameters are no object',
    });
    expect(asked).toEqual([]);
  });
});

describe("a run that waits for a child", () => {
  test("takes up no thread of the pool: parents cannot keep their children from running", async () => {
    const made = poolAnswering(async (request) => {
      if (request.kind !== "child-run") return null;
      const { outcome } = await made.perform("leaf", { child: true });
      return { ...run("COMPLETED"), result: outcome.type };
    }, 1);
    const parents = ["leaf-parent", "leaf-parent", "leaf-parent"].map((flow) => made.perform(flow));

    for (const { outcome } of await Promise.all(parents)) {
      expect(outcome).toMatchObject({ type: "completed", result: '"completed"' });
    }
  });

  test("holds up neither its child nor others that were posted to its thread with it", async () => {
    const quick = { ...run("COMPLETED"), result: "quick" };
    let real = false;
    const made = poolAnswering(async (request) => {
      if (request.kind !== "child-run" || !real) return quick;
      const { outcome } = await made.perform("leaf", { child: true });
      return { ...run("COMPLETED"), result: outcome.type };
    }, 1);
    // The pool learns that both are quick, and posts many of them to one thread.
    for (let count = 0; count < 20; count += 1) {
      await made.perform("leaf-parent");
      await made.perform("leaf");
    }
    real = true;
    const parents = Array.from({ length: 12 }, () => made.perform("leaf-parent"));

    const results = (await Promise.all(parents)).map(({ outcome }) => outcome);
    expect(new Set(results.map((outcome) => JSON.stringify(outcome)))).toEqual(
      new Set([JSON.stringify({ type: "completed", result: '"completed"' })]),
    );
  });

  test("is one of only as many as there are threads, however many parents are due", async () => {
    const seen = { threads: 0, parents: 0, most: 0 };
    const made = poolAnswering(async (request) => {
      if (request.kind !== "child-run") return null;
      seen.parents += 1;
      seen.most = Math.max(seen.most, seen.parents);
      seen.threads = Math.max(seen.threads, made.executor.health().threads);
      const { outcome } = await made.perform("leaf", { child: true });
      seen.parents -= 1;
      return { ...run("COMPLETED"), result: outcome.type };
    }, 2);
    await made.perform("leaf-parent");
    const parents = Array.from({ length: 300 }, () => made.perform("leaf-parent"));

    const results = (await Promise.all(parents)).map(({ outcome }) => outcome.type);
    expect(new Set(results)).toEqual(new Set(["completed"]));
    expect(seen.most).toBe(2);
    // As many as wait, as many as work, and those whose parent has just gone on.
    expect(seen.threads).toBeLessThanOrEqual(6);
  });

  test("keeps parents from beginning when there are enough of them, and nobody else", async () => {
    const release = Promise.withResolvers<Json>();
    const made = poolAnswering(() => release.promise, 1);
    const first = made.start("leaf-parent");
    await until("it waits", () => made.asked.length === 1);

    const second = made.start("leaf-parent");
    expect((await made.perform("leaf")).outcome.type).toBe("completed");
    expect([made.asked.length, made.queue.map(({ runId }) => runId)]).toEqual([1, [second.runId]]);

    release.resolve(run("COMPLETED"));
    for (const offer of [first, second]) {
      expect((await made.ledger.end(offer)).outcome.type).toBe("completed");
    }
  });

  test("leaves its thread behind, but no more runs are at work than there are threads", async () => {
    const release = Promise.withResolvers<Json>();
    const made = poolAnswering(() => release.promise, 1);
    const parent = made.start("leaf-parent");
    await until("it waits", () => made.asked.length === 1);
    expect((await made.perform("leaf")).outcome.type).toBe("completed");
    release.resolve(run("COMPLETED"));
    await made.ledger.end(parent);
    await until("both are idle", () => made.executor.health().busy === 0);
    expect(made.executor.health().threads).toBe(2);

    const busy = [made.start("endless"), made.start("endless")];
    await until("one begins", () => made.ledger.began.includes(busy[0]?.runId ?? parent.runId));
    expect(made.executor.health().busy).toBe(1);
    expect(made.queue).toHaveLength(1);
  });

  test("can be cancelled while it waits", async () => {
    const made = poolAnswering(() => new Promise(() => {}));
    const offer = made.start("leaf-parent", { graceMs: 1 });
    while (made.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    made.executor.cancel(offer.runId, 1);

    expect((await made.ledger.end(offer)).outcome).toMatchObject({ type: "cancelled" });
  });

  test("gives its thread back when it ends without having waited", async () => {
    const { perform, executor } = poolAnswering(() => new Promise(() => {}), 1);

    await perform("forgetful");
    await perform("forgetful");
    expect(executor.health().threads).toBe(1);
  });
});

describe("the client in a run", () => {
  test("triggers, finds and lists runs", async () => {
    const { perform, asked } = poolAnswering((request) => {
      if (request.kind === "trigger") return { name: "new-run" };
      return request.kind === "find-run" ? null : [{ name: "a" }, { name: "b" }];
    });

    expect((await perform("triggers")).outcome).toMatchObject({ result: '["new-run","none",2]' });
    expect(asked).toEqual([
      {
        kind: "trigger",
        flow: "leaf",
        parameters: {},
        tags: ["t"],
        idempotencyKey: "k",
        at: "1970-01-01T00:00:00.000Z",
      },
      { kind: "find-run", run: "x" },
      { kind: "list-runs", flow: "leaf", limit: 50 },
    ]);
  });

  test("refuses what JSON cannot hold, and the run's other messages are not lost", async () => {
    const { perform } = poolAnswering(() => null);

    expect((await perform("bad-trigger")).outcome).toMatchObject({
      type: "failed",
      message: expect.stringContaining(
        'Cannot trigger flow "leaf": it was given what JSON cannot hold',
      ),
    });
  });
});
