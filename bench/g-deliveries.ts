import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { storeIn, withBacklog } from "./backlog.ts";
import { type BenchDaemon, newFolder, startBenchDaemon, statusOf } from "./daemon.ts";
import { benchDeadReceiver } from "./g-dead-receiver.ts";
import { type DeliveryLimits, deliveryLimits } from "./limits/deliveries.ts";
import { openReceiver } from "./receiver.ts";
import { percentile, report } from "./report.ts";

const ROUNDS = 5;
const LATENCY_RUNS = 1_000;
const APART_MS = 4;
const FUNCTIONS = 50_000;
const WEBHOOKS = 20_000;

/** g: from commit to hook, deliveries recorded a second, and what a dead receiver costs. */
export async function benchDeliveries(): Promise<void> {
  const receiver = openReceiver();
  const limits = await deliveryLimits(receiver.url);
  await receiver.close();
  await benchLatency(limits);
  await benchRates(limits);
  await benchDeadReceiver();
}

/** One run after the other; what is measured begins when COMMIT has returned and ends in the hook. */
async function benchLatency({ latencies: limit }: DeliveryLimits): Promise<void> {
  const folder = newFolder();
  const [commits, hooks] = [join(folder, "commits.txt"), join(folder, "hooks.txt")];
  const config = `
import { appendFileSync } from "node:fs";
import { defineConfig, flow } from "tocsin";
const noop = flow({ name: "noop", overlap: "allow", run: async () => {}, onCompletion: [function note() {
  const at = performance.timeOrigin + performance.now();
  appendFileSync(${JSON.stringify(hooks)}, at + "\\n");
}] });
export default defineConfig({ flows: [noop] });
`;
  const preload = resolve(import.meta.dir, "commit-times.ts");
  const env = { BUN_OPTIONS: `--preload=${preload}`, COMMIT_TIMES: commits };
  const daemon = await startBenchDaemon(config, folder, { env });
  try {
    for (let run = 0; run < LATENCY_RUNS; run += 1) {
      await fetch(`${daemon.url}/api/flows/noop/runs`, {
        method: "POST",
        body: "{}",
        headers: JSON_TYPE,
      });
      await new Promise((done) => setTimeout(done, APART_MS));
    }
    await allDelivered(daemon, LATENCY_RUNS);
    const committed = stampsIn(commits);
    const began = stampsIn(hooks);
    if (began.length !== LATENCY_RUNS) throw new Error(`${began.length} hooks were rung`);
    const latencies = began.slice(100).map((at) => {
      const last = committed.findLast((one) => one < at);
      return at - (last ?? Number.NaN);
    });
    const goals = { 0.5: "≤ 0.5", 0.99: "≤ 3" };
    report(
      `g   commit of a transition → first line of its hook, ${latencies.length} runs one by one`,
      ([0.5, 0.99] as const).map((share) => ({
        name: `p${share * 100}`,
        unit: "ms",
        values: [percentile(latencies, share)],
        limit: percentile(limit, share),
        goal: goals[share],
        peers: "BullMQ events, not recorded, 0.93 / 3.3 (p50 / p99)",
      })),
    );
  } finally {
    await daemon.stop();
  }
}

const JSON_TYPE = { "content-type": "application/json" };

function stampsIn(file: string): readonly number[] {
  return readFileSync(file, "utf8").trimEnd().split("\n").map(Number);
}

async function benchRates(limits: DeliveryLimits): Promise<void> {
  const receiver = openReceiver();
  const functions = (count: number) =>
    Array.from({ length: count }, (_, no) => `function h${no}() {}`);
  const webhook = `webhook({ name: "h0", url: ${JSON.stringify(receiver.url)} })`;
  const one = await rounds(FUNCTIONS, functions(1));
  const many = await rounds(FUNCTIONS, functions(8));
  const posted = await rounds(WEBHOOKS, [webhook], () => receiver.forget());
  const ids = receiver.seen();
  if (ids.size !== WEBHOOKS || receiver.total() !== WEBHOOKS)
    throw new Error(`${receiver.total()} requests with ${ids.size} ids for ${WEBHOOKS} deliveries`);
  await receiver.close();
  const goal = "≥ 50,000";
  const limit = limits.functionsPerSecond;
  report(`g   deliveries made and recorded a second, from a store where they wait`, [
    {
      name: `one function hook, ${FUNCTIONS.toLocaleString("en")}`,
      unit: "/s",
      values: one,
      limit,
      goal,
    },
    { name: "eight function hooks", unit: "/s", values: many, limit, goal },
    {
      name: `one webhook, ${WEBHOOKS.toLocaleString("en")}`,
      unit: "/s",
      values: posted,
      limit: limits.webhooksPerSecond,
      goal: "≥ 10,000",
    },
  ]);
}

/** A warm-up and so many rounds, each with a store of its own; nothing may be missing or there twice. */
async function rounds(
  count: number,
  hooks: readonly string[],
  before: () => void = () => {},
): Promise<readonly number[]> {
  const config = `
import { defineConfig, flow } from "tocsin";
import { webhook } from "tocsin/hooks/webhook";
const noop = flow({ name: "noop", run: async () => {}, onCompletion: [${hooks.join(", ")}] });
export default defineConfig({ flows: [noop] });
`;
  const keys = hooks.map((_, no) => `flow:noop/onCompletion/h${no}`);
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    before();
    const folder = newFolder();
    const daemon = await withBacklog(config, folder, { flow: "noop", hooks: keys, count });
    try {
      const rate = await drainRate(daemon, count);
      if (round > 0) rates.push(rate);
      await daemon.end();
      requireOnce(folder, count);
    } finally {
      await daemon.stop();
    }
  }
  return rates;
}

/** From the first look, when some are delivered already, to the last. */
async function drainRate(daemon: BenchDaemon, count: number): Promise<number> {
  const first = (await statusOf(daemon)).deliveries["delivered"] ?? 0;
  const began = performance.now();
  await allDelivered(daemon, count);
  return (count - first) / ((performance.now() - began) / 1_000);
}

async function allDelivered(daemon: BenchDaemon, count: number): Promise<void> {
  for (;;) {
    const { delivered = 0, dead = 0 } = (await statusOf(daemon)).deliveries;
    if (dead > 0) throw new Error(`${dead} deliveries are dead`);
    if (delivered >= count) return;
    await new Promise((done) => setTimeout(done, 5));
  }
}

function requireOnce(folder: string, count: number): void {
  using database = new Database(storeIn(folder), { readonly: true });
  const [row] = database
    .query<{ delivered: number; attempts: number }, []>(
      `SELECT (SELECT count(*) FROM delivery WHERE status = 'delivered') AS delivered,
         (SELECT count(*) FROM delivery_attempt WHERE error IS NULL) AS attempts`,
    )
    .all();
  if (row?.delivered !== count || row.attempts !== count)
    throw new Error(
      `${row?.delivered} delivered and ${row?.attempts} attempts instead of ${count}`,
    );
}
