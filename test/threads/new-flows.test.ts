import { afterEach, describe, expect, test } from "bun:test";
import { cpus } from "node:os";
import { flowPaces, QUICK_MS } from "../../src/threads/flow-pace.ts";
import type { ThreadExecutorDeps } from "../../src/threads/pool-state.ts";
import { poolWith } from "./support/pool-with.ts";

const FLOWS = `import { defineConfig, flow, task } from "tocsin";
const step = task({ name: "step", run: () => {} });
const tasked = Array.from({ length: 20 }, (_, no) => flow({ name: "tasked-" + no, run: async () => { await step(); } }));
const quick = Array.from({ length: 200 }, (_, no) => flow({ name: "new-" + no, run: async () => {} }));
const slow = flow({ name: "slow", run: () => new Promise((resolve) => setTimeout(resolve, 60_000)) });
export default defineConfig({ flows: [...quick, ...tasked, slow] });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function pool(deps: Partial<ThreadExecutorDeps>) {
  const made = poolWith(FLOWS, deps);
  stops.push(() => made.executor.stop(0));
  return made;
}

describe("runs of flows of which nothing is known", () => {
  test("share a few threads where there are many of them", async () => {
    const { ledger, executor, queue, dispatch } = pool({ threadsMax: 32 });
    const offers = Array.from({ length: 200 }, (_, no) => ledger.add(`new-${no}`));
    queue.push(...offers);
    dispatch();

    expect(executor.health().threads).toBeLessThanOrEqual(cpus().length);
    const ends = await Promise.all(offers.map((offer) => ledger.end(offer)));
    expect(ends.map(({ outcome }) => outcome.type)).toEqual(Array(200).fill("completed"));
    expect(ledger.ends.size).toBe(200);
  }, 60_000);

  test("share them too when a few come while many are under way", async () => {
    const { ledger, executor, queue, dispatch } = pool({ threadsMax: 8 });
    const many = Array.from({ length: 150 }, (_, no) => ledger.add(`new-${no}`));
    const few = Array.from({ length: 3 }, (_, no) => ledger.add(`new-${150 + no}`));
    executor.offer(many);
    queue.push(...executor.offer(few).left);
    expect(executor.health().threads).toBeLessThanOrEqual(cpus().length);

    queue.push(...many.filter(({ runId }) => !executor.held().includes(runId)));
    dispatch();
    const ends = await Promise.all([...many, ...few].map((offer) => ledger.end(offer)));
    expect(ends.map(({ outcome }) => outcome.type)).toEqual(Array(153).fill("completed"));
  }, 60_000);

  test("tell that they have begun before they tell of their tasks, however quick they are", async () => {
    const { ledger, executor, queue, dispatch } = pool({ threadsMax: 4 });
    const early: string[] = [];
    const { tasks } = ledger;
    ledger.tasks = (runId, ...report) => {
      if (!ledger.began.includes(runId)) early.push(runId);
      tasks(runId, ...report);
    };
    const offers = Array.from({ length: 20 }, (_, no) => ledger.add(`tasked-${no}`));
    queue.push(...offers);
    dispatch();
    await Promise.all(offers.map((offer) => ledger.end(offer)));

    expect(early).toEqual([]);
    expect(ledger.began.toSorted()).toEqual(offers.map(({ runId }) => runId).toSorted());
    expect(executor.held()).toEqual([]);
  }, 60_000);

  test("have a thread each where there are few", () => {
    const { ledger, executor, queue, dispatch } = pool({ threadsMax: 8 });
    queue.push(...Array.from({ length: 8 }, (_, no) => ledger.add(`new-${no}`)));
    dispatch();

    expect(executor.health().threads).toBe(8);
  });

  test("are taken back from behind one that turns out slow", async () => {
    const { ledger, executor, queue, dispatch } = pool({ threadsMax: 4 });
    const slow = ledger.add("slow");
    const rest = Array.from({ length: 20 }, (_, no) => ledger.add(`new-${no}`));
    queue.push(slow, ...rest);
    dispatch();
    const ends = await Promise.all(rest.map((offer) => ledger.end(offer)));

    expect(ends.map(({ outcome }) => outcome.type)).toEqual(Array(20).fill("completed"));
    expect(executor.held()).toEqual([slow.runId]);
  }, 60_000);
});

describe("how long a new flow is expected to take", () => {
  test("is little at first, and what most other new flows took later", () => {
    const paces = flowPaces();
    expect(paces.ofNewcomers()).toBeLessThan(QUICK_MS);

    paces.note("slow-0", 60_000);
    expect(paces.ofNewcomers()).toBeLessThan(QUICK_MS);

    for (let no = 1; no < 3; no += 1) paces.note(`slow-${no}`, 60_000);
    expect(paces.ofNewcomers()).toBeGreaterThan(QUICK_MS);

    for (let no = 0; no < 10; no += 1) paces.note(`quick-${no}`, 0.1);
    expect(paces.ofNewcomers()).toBeLessThan(QUICK_MS);
  });

  test("does not follow the first run in a thread, which pays for what that loads", () => {
    const paces = flowPaces();
    const before = paces.ofNewcomers();
    for (let no = 0; no < 5; no += 1) paces.note(`cold-${no}`, 60_000, { cold: true });

    expect(paces.ofNewcomers()).toBe(before);
    expect(paces.of("cold-0")).toBe(60_000);
  });

  test("does not follow the later runs of a flow", () => {
    const paces = flowPaces();
    paces.note("grows", 0.1);
    const before = paces.ofNewcomers();
    paces.note("grows", 1_000);

    expect(paces.ofNewcomers()).toBe(before);
    expect(paces.of("grows")).toBeGreaterThan(QUICK_MS);
  });
});
