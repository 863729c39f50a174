import { afterAll, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import { poolWith } from "./support/pool-with.ts";

const COUNT = 10_000;
const CONFIG = `import { defineConfig, flow, task } from "tocsin";
const plain = task({ name: "plain", run: async (n: number) => n });
const kept = task({ name: "kept", persist: true, run: async (n: number) => n });
const took = async (body: () => Promise<unknown>) => { const began = performance.now(); await body(); return Math.round(performance.now() - began); };
const all = (call: (n: number) => Promise<number>, count: number) => Promise.all(Array.from({ length: count }, (_, n) => call(n)));
const flows = {
  once: async () => plain(1),
  parallel: async ({ count }: { count: number }) => took(() => all(plain, count)),
  sequential: async ({ count }: { count: number }) => took(async () => { for (let n = 0; n < count; n++) await plain(n); }),
  mapped: async ({ count }: { count: number }) => took(() => plain.map(Array.from({ length: count }, (_, n) => n))),
  persisted: async ({ count }: { count: number }) => took(() => kept.map(Array.from({ length: count }, (_, n) => n))),
};
export default defineConfig({ flows: Object.entries(flows).map(([name, run]) => flow({ name, run: run as never })) });
`;

const made = poolWith(CONFIG, { answerRequest: async (): Promise<Json> => null });
afterAll(() => made.executor.stop(0));

for (const flow of ["parallel", "sequential", "mapped", "persisted"]) {
  test(`${COUNT} calls of a task, ${flow}, are all reported, in order and in batches`, async () => {
    await made.perform("once");
    const before = made.ledger.calls.tasks;
    const offer = made.start(flow, { parameters: { count: COUNT } });
    const { outcome } = await made.ledger.end(offer);
    const steps = made.ledger.steps(offer.runId);
    const calls = made.ledger.calls.tasks - before;

    if (outcome.type !== "completed") throw new Error(JSON.stringify(outcome));
    console.log(
      `${COUNT} task calls, ${flow}: ${outcome.result} ms in the thread, ${calls} reports`,
    );
    expect(steps).toHaveLength(COUNT * 3);
    expect(new Set(steps.map(({ after }) => after.call)).size).toBe(COUNT);
    expect(calls).toBeLessThan(COUNT);
  });
}
