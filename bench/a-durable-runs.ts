import { allDone, type BenchDaemon, startBenchDaemon } from "./daemon.ts";
import { ledgerLimit } from "./limits/ledger.ts";
import { report } from "./report.ts";

const CONFIG = `
import { defineConfig, flow } from "tocsin";
const noop = flow({ name: "noop", overlap: "allow", run: async () => {}, onCompletion: [function note() {}] });
export default defineConfig({ flows: [noop] });
`;
const PER_CALL = 500;
const IN_FLIGHT = 50;

/** a1: durable no-op runs a second, created in bulk, one hook each delivered and recorded. */
export async function benchBulk({ runs = 100_000, rounds = 5 } = {}): Promise<void> {
  const rates = await rounded(rounds, runs, inBulk);
  report(`a1  ${runs.toLocaleString("en")} no-op runs in bulk, one hook each`, [
    {
      name: "runs a second",
      unit: "/s",
      values: rates,
      limit: ledgerLimit(1_000),
      goal: "≥ 25,000 and ≥ 60 % (for now: ≥ 8,000 or ≥ 20 %)",
      peers: "graphile-worker 20,300 (no history, no hooks), pg-boss 15,600, BullMQ 5,600",
    },
  ]);
}

/** a2: the same, one POST per run, 50 in flight. */
export async function benchSingle({ runs = 20_000, rounds = 5 } = {}): Promise<void> {
  const rates = await rounded(rounds, runs, oneByOne);
  report(`a2  ${runs.toLocaleString("en")} no-op runs, one POST each, ${IN_FLIGHT} in flight`, [
    {
      name: "runs a second",
      unit: "/s",
      values: rates,
      limit: ledgerLimit(100),
      goal: "≥ 8,000 (for now: ≥ 2,500)",
      peers: "BullMQ in process 5,600, in threads 3,100",
    },
  ]);
}

type Feed = (daemon: BenchDaemon, runs: number) => Promise<void>;

/** One warm-up that is not counted, then so many rounds, each with a daemon and a store of its own. */
async function rounded(rounds: number, runs: number, feed: Feed): Promise<readonly number[]> {
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const daemon = await startBenchDaemon(CONFIG);
    try {
      await feed(daemon, 1_000);
      await allDone(daemon, 1_000);
      const began = performance.now();
      await feed(daemon, runs);
      await allDone(daemon, runs + 1_000);
      if (round > 0) rates.push(runs / ((performance.now() - began) / 1_000));
    } finally {
      await daemon.stop();
    }
  }
  return rates;
}

async function inBulk({ url }: BenchDaemon, runs: number): Promise<void> {
  const items = Array.from({ length: PER_CALL }, () => ({ flow: "noop" }));
  const body = JSON.stringify({ items });
  for (let sent = 0; sent < runs; sent += PER_CALL) await post(`${url}/api/runs/bulk`, body);
}

async function oneByOne({ url }: BenchDaemon, runs: number): Promise<void> {
  let left = runs;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await post(`${url}/api/flows/noop/runs`, "{}");
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, client));
}

async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await answer.arrayBuffer();
  if (answer.status !== 201) throw new Error(`Cannot create runs: ${answer.status}`);
}
