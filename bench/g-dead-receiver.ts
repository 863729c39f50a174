import { Database } from "bun:sqlite";
import { createServer } from "node:net";
import { storeIn, withBacklog } from "./backlog.ts";
import { type BenchDaemon, newFolder, startBenchDaemon, statusOf } from "./daemon.ts";
import { openReceiver } from "./receiver.ts";
import { report, spread } from "./report.ts";

const WAITING = 50_000;
const RUNS = 5_000;
const PER_CALL = 500;
const ROUNDS = 15;
const DEAD = "flow:told/onCompletion/dead";

/** Runs a second with so many deliveries waiting for a receiver that is down, and without, in turn; then it comes back. */
export async function benchDeadReceiver(): Promise<void> {
  const port = await freePort();
  const config = configOf(port);
  const folder = newFolder();
  const [without, withMany]: [number[], number[]] = [[], []];
  const burdened = await withBacklog(config, folder, {
    flow: "told",
    hooks: [DEAD],
    count: WAITING,
  });
  const free = await startBenchDaemon(config);
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      const [one, other] = [await runRate(free), await runRate(burdened)];
      if (round === 0) continue;
      without.push(one);
      withMany.push(other);
    }
    const slower = withMany.map((rate, round) => (1 - rate / (without[round] ?? rate)) * 100);
    const count = WAITING.toLocaleString("en");
    report(`g   ${count} deliveries wait for a receiver that is down`, [
      { name: "runs/s with nothing waiting", unit: "/s", values: without },
      { name: "runs/s with them", unit: "/s", values: withMany, limit: spread(without)[1] },
      { name: "slowed by", unit: "%", values: slower, goal: "< 5" },
    ]);
    await drain(burdened, folder, port);
  } finally {
    await free.stop();
    await burdened.stop();
  }
}

async function drain(daemon: BenchDaemon, folder: string, port: number): Promise<void> {
  const receiver = openReceiver({ port, answerAfterMs: 1 });
  const back = performance.now();
  const others = await othersThan(daemon);
  await until(daemon, (delivered) => delivered === others + WAITING);
  const over = performance.now();
  await daemon.end();
  const { inOrder, missing } = orderOf(folder, [...receiver.seen()]);
  if (missing > 0 || receiver.total() !== WAITING)
    throw new Error(`${receiver.total()} requests, ${missing} deliveries missing`);
  const first = receiver.firstAt() ?? over;
  report("g   the receiver is back", [
    {
      name: "until it is found out",
      unit: "s",
      values: [(first - back) / 1_000],
      goal: "≤ 60 + 20 %",
    },
    { name: "until all are delivered, from then", unit: "s", values: [(over - first) / 1_000] },
    {
      name: "webhooks a second",
      unit: "/s",
      values: [WAITING / ((over - first) / 1_000)],
      goal: "≥ 10,000",
    },
    { name: "requests at once, at the most", unit: "", values: [receiver.atOnce()] },
    { name: "came within 1,000 of their order", unit: "%", values: [inOrder * 100] },
  ]);
  await receiver.close();
}

/** Deliveries of other hooks: they are over already. */
async function othersThan(daemon: BenchDaemon): Promise<number> {
  return (await statusOf(daemon)).deliveries["delivered"] ?? 0;
}

function orderOf(folder: string, came: readonly string[]) {
  using database = new Database(storeIn(folder), { readonly: true });
  const rows = database
    .query<{ id: string }, [string]>(
      "SELECT d.id FROM delivery d JOIN hook h ON h.no = d.hook_no WHERE h.key = ? AND d.status = 'delivered' ORDER BY d.no",
    )
    .all(DEAD);
  const placeOf = new Map(came.map((id, place) => [id, place]));
  const inOrder = rows.filter(
    ({ id }, no) => Math.abs((placeOf.get(id) ?? -1e9) - no) < 1_000,
  ).length;
  return { inOrder: inOrder / rows.length, missing: WAITING - rows.length };
}

async function runRate(daemon: BenchDaemon): Promise<number> {
  const before = (await statusOf(daemon)).deliveries["delivered"] ?? 0;
  const items = Array.from({ length: PER_CALL }, () => ({ flow: "noop" }));
  const body = JSON.stringify({ items });
  const began = performance.now();
  for (let sent = 0; sent < RUNS; sent += PER_CALL) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${daemon.url}/api/runs/bulk`, { method: "POST", headers, body });
    if (answer.status !== 201) throw new Error(`Cannot create runs: ${answer.status}`);
  }
  await until(daemon, (delivered) => delivered === before + RUNS);
  return RUNS / ((performance.now() - began) / 1_000);
}

async function until(daemon: BenchDaemon, isThere: (delivered: number) => boolean): Promise<void> {
  for (;;) {
    const { deliveries } = await statusOf(daemon);
    if ((deliveries["dead"] ?? 0) > 0) throw new Error("deliveries are dead");
    if (isThere(deliveries["delivered"] ?? 0)) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}

function configOf(port: number): string {
  return `
import { defineConfig, flow } from "tocsin";
import { webhook } from "tocsin/hooks/webhook";
const dead = webhook({ name: "dead", url: "http://127.0.0.1:${port}/", retry: Array(100).fill("5s") });
const told = flow({ name: "told", run: async () => {}, onCompletion: [dead] });
const noop = flow({ name: "noop", overlap: "allow", run: async () => {}, onCompletion: [function note() {}] });
export default defineConfig({ flows: [told, noop] });
`;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}
