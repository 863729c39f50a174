import { startBenchDaemon } from "./daemon.ts";
import { percentile, report } from "./report.ts";

const FLOWS = 20;
const SECONDS = 15;
const WARM_UP_SECONDS = 3;

const CONFIG = `
import { defineConfig, flow } from "tocsin";
const flows = Array.from({ length: ${FLOWS} }, (_, index) => flow({
  name: "on-time-" + index,
  schedule: { every: "1s", anchor: new Date(index * ${1_000 / FLOWS} + 7).toISOString() },
  run: () => performance.timeOrigin + performance.now(),
}));
export default defineConfig({ flows });
`;

interface RunOnTime {
  readonly scheduledFor?: string;
  readonly createdAt: string;
  readonly result?: number;
}

/** b: how long after its due time the first line of a flow runs, threads warm, nothing else going on. */
export async function benchLateness(): Promise<void> {
  const daemon = await startBenchDaemon(CONFIG);
  try {
    const warm = Date.now() + WARM_UP_SECONDS * 1_000;
    await new Promise((done) => setTimeout(done, (WARM_UP_SECONDS + SECONDS) * 1_000));
    const lateness = (await allRuns(daemon.url))
      .filter((run) => run.result !== undefined && Date.parse(run.scheduledFor ?? "") > warm)
      .map((run) => (run.result ?? 0) - Date.parse(run.scheduledFor ?? ""));
    const expected = FLOWS * SECONDS;
    if (lateness.length < expected * 0.95)
      throw new Error(`only ${lateness.length} of ${expected} runs started`);
    report(`b   due time → first line, idle, ${lateness.length} runs of ${FLOWS} schedules`, [
      { name: "p50 late", unit: "ms", values: [percentile(lateness, 0.5)], goal: "≤ 1" },
      {
        name: "p99 late",
        unit: "ms",
        values: [percentile(lateness, 0.99)],
        goal: "≤ 3 (for now: < 10)",
        peers: "BullMQ scheduler 52 / 104 (p50 / p99), croner alone, nothing persisted, 2.1 / 4.0",
      },
      { name: "earliest", unit: "ms", values: [Math.min(...lateness)], goal: "never below 0" },
    ]);
  } finally {
    await daemon.stop();
  }
}

async function allRuns(url: string): Promise<readonly RunOnTime[]> {
  const runs: RunOnTime[] = [];
  let cursor: string | undefined;
  do {
    const page = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${url}/api/runs?state=COMPLETED&limit=200${page}`);
    const { items, next } = (await answer.json()) as { items: RunOnTime[]; next?: string };
    runs.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return runs;
}
