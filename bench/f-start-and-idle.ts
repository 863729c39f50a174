import { cpuSeconds, pssMb, startBenchDaemon } from "./daemon.ts";
import { report } from "./report.ts";

const ROUNDS = 7;
const SETTLE_MS = 3_000;
const IDLE_MS = 10_000;

const CONFIG = `
import { defineConfig, flow } from "tocsin";
const nightly = flow({ name: "nightly", schedule: { cron: "0 2 * * *" }, run: async () => {} });
export default defineConfig({ flows: [nightly] });
`;

/** f: spawn → first answer of /livez, and what the daemon costs while it has nothing to do. */
export async function benchStart(): Promise<void> {
  const up: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const daemon = await startBenchDaemon(CONFIG);
    if (round > 0) up.push(daemon.upAfterMs);
    await daemon.stop();
  }
  const { cpu, pss } = await idle();
  report("f   start-up and idle, empty store", [
    {
      name: "spawn → /livez",
      unit: "ms",
      values: up,
      goal: "≤ 100 (for now: ≤ 200)",
      peers: "bunqueue 199",
    },
    {
      name: "idle CPU",
      unit: "%",
      values: [cpu],
      goal: "≤ 0.3 (for now: < 0.5)",
      peers: "bunqueue 1.1",
    },
    {
      name: "idle PSS",
      unit: "MB",
      values: [pss],
      goal: "≤ 45 (for now: < 80)",
      peers: "bunqueue 46",
    },
  ]);
}

async function idle(): Promise<{ readonly cpu: number; readonly pss: number }> {
  const daemon = await startBenchDaemon(CONFIG);
  try {
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    const before = cpuSeconds(daemon.pid);
    await new Promise((done) => setTimeout(done, IDLE_MS));
    return {
      cpu: ((cpuSeconds(daemon.pid) - before) / (IDLE_MS / 1_000)) * 100,
      pss: pssMb(daemon.pid),
    };
  } finally {
    await daemon.stop();
  }
}
