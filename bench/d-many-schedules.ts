import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BenchDaemon,
  cpuSeconds,
  newFolder,
  pssMb,
  startBenchDaemon,
  statusOf,
} from "./daemon.ts";
import { type ScheduleLimits, scheduleLimits } from "./limits/schedules.ts";
import { percentile, report } from "./report.ts";
import {
  dueConfig,
  farConfig,
  hundredsOf,
  linesIn,
  MANY_FLOWS,
  MANY_PER_FLOW,
  type Shape,
  schedulesOf,
} from "./schedule-configs.ts";

export interface BenchOptions {
  /** How many schedules to try instead of ten thousand. */
  readonly schedules?: number;
}

const SETTLE_MS = 5_000;
const IDLE_MS = 30_000;
const ONE: Shape = { name: "one flow", flows: 1, schedulesPerFlow: 1 };

/** d: ten thousand schedules registered, idle, and due in the same second; as a stress, so many as are asked for. */
export async function benchSchedules({ schedules }: BenchOptions = {}): Promise<void> {
  const one = await idle(ONE);
  const asked =
    schedules === undefined
      ? [MANY_FLOWS, MANY_PER_FLOW].map((shape) => ({ shape, counted: 5 }))
      : [{ shape: hundredsOf(schedules), counted: 1 }];
  for (const { shape, counted } of asked) {
    await registering(shape, counted, one.pss);
    await dueTogether(shape, counted);
  }
}

async function registering(shape: Shape, rounds: number, pssOfOne: number): Promise<void> {
  const ups: Up[] = [];
  for (let round = 0; round <= rounds; round += 1) ups.push(await upAndAgain(shape));
  const { cpu, pss } = await idle(shape);
  const values = (figure: (up: Up) => number) => ups.slice(1).map(figure);
  const count = schedulesOf(shape).toLocaleString("en");
  report(`d   ${count} schedules (${shape.name}): registered and idle`, [
    {
      name: "spawn → ready, new store",
      unit: "ms",
      values: values(({ first }) => first),
      goal: "≤ 500, /livez ≤ 300 (now: ≤ 1,000)",
    },
    {
      name: "spawn → ready, as they were",
      unit: "ms",
      values: values(({ again }) => again),
      goal: "≤ 500",
    },
    {
      name: "config read again → in force",
      unit: "ms",
      values: values(({ reload }) => reload),
      goal: "≤ 500",
    },
    { name: "memory (PSS)", unit: "MB", values: [pss], goal: "≤ 90" },
    { name: "more than one flow takes", unit: "MB", values: [pss - pssOfOne], goal: "≤ 40" },
    { name: "idle CPU, 30 s", unit: "%", values: [cpu], goal: "≤ 0.5" },
  ]);
}

/** Milliseconds until the daemon is ready, until a reload is over, and until it is ready when it is started again. */
interface Up {
  readonly first: number;
  readonly reload: number;
  readonly again: number;
}

async function upAndAgain(shape: Shape): Promise<Up> {
  const folder = newFolder();
  const config = farConfig(shape);
  const daemon = await startBenchDaemon(config, folder);
  await requireReady(daemon);
  const reload = await reloaded(daemon);
  await daemon.end();
  const next = await startBenchDaemon(config, folder);
  await requireReady(next);
  await next.stop();
  return { first: daemon.upAfterMs, reload, again: next.upAfterMs };
}

async function requireReady({ url }: BenchDaemon): Promise<void> {
  const answer = await fetch(`${url}/readyz`);
  if (!answer.ok) throw new Error(`Cannot use the daemon: it is not ready (${answer.status})`);
}

async function reloaded({ url }: BenchDaemon): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${url}/api/config/reload`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  if (!answer.ok) throw new Error(`Cannot reload the config: ${answer.status}`);
  await answer.arrayBuffer();
  return performance.now() - began;
}

async function idle(shape: Shape): Promise<{ readonly cpu: number; readonly pss: number }> {
  const daemon = await startBenchDaemon(farConfig(shape));
  try {
    await sleep(SETTLE_MS);
    const before = cpuSeconds(daemon.pid);
    await sleep(IDLE_MS);
    const cpu = ((cpuSeconds(daemon.pid) - before) / (IDLE_MS / 1_000)) * 100;
    return { cpu, pss: pssMb(daemon.pid) };
  } finally {
    await daemon.stop();
  }
}

/** Lateness of all runs of one round, in milliseconds. */
interface Round {
  readonly starts: readonly number[];
  /** As their transitions say. */
  readonly ends: readonly number[];
  readonly completedMs: number;
}

async function dueTogether(shape: Shape, rounds: number): Promise<void> {
  const done: Round[] = [];
  const limits: ScheduleLimits[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    limits.push(await scheduleLimits(schedulesOf(shape)));
    done.push(await oneRound(shape));
  }
  const figure = (name: string, of: (round: Round | ScheduleLimits) => number, goal?: string) => ({
    ...{ name, unit: "ms", values: done.slice(1).map(of) },
    limit: percentile(limits.slice(1).map(of), 0.5),
    ...(goal === undefined ? {} : { goal }),
  });
  const count = schedulesOf(shape).toLocaleString("en");
  report(`d   ${count} schedules (${shape.name}) due in the same second, each started once`, [
    { ...figure("started: p50 late", (one) => percentile(one.starts, 0.5), "≤ 150"), peers: PEERS },
    figure("started: p99", (one) => percentile(one.starts, 0.99)),
    figure("started: the last", (one) => percentile(one.starts, 1), "≤ 400 (now: ≤ 1,500)"),
    figure("completed: p50 late", (one) => percentile(one.ends, 0.5)),
    figure("completed: p99", (one) => percentile(one.ends, 0.99)),
    figure("completed: the last, recorded", (one) => one.completedMs, "≤ 600"),
    {
      name: "earliest",
      unit: "ms",
      values: done.slice(1).map(({ starts }) => percentile(starts, 0)),
    },
  ]);
}

/** For ten thousand schedules. */
const PEERS =
  "started, p50 / p99 of 10,000: bunqueue 4,130 / 6,760, BullMQ 7,990 / 14,160, graphile-worker 8,700 / 11,580; croner on node, nothing persisted, 259 / 438";

async function oneRound(shape: Shape): Promise<Round> {
  const count = schedulesOf(shape);
  const folder = newFolder();
  const lead = 5_000 + count / 5;
  const due = new Date(Math.ceil((Date.now() + lead) / 1_000) * 1_000);
  const daemon = await startBenchDaemon(dueConfig(shape, due, folder), folder);
  try {
    await requireReady(daemon);
    if (Date.now() > due.getTime() - 1_000) throw new Error("Cannot measure: it came up too late");
    await sleep(due.getTime() - Date.now());
    while (((await statusOf(daemon)).runs["COMPLETED"] ?? 0) < count) await sleep(25);
    const completedMs = Date.now() - due.getTime();
    const starts = startsIn(folder, count).map((at) => at - due.getTime());
    await daemon.end();
    requireOneRunEach(folder, count);
    const ends = endsIn(folder).map((at) => at - due.getTime());
    return { starts, ends, completedMs };
  } finally {
    await daemon.stop();
  }
}

/** When the runs wrote their lines; throws unless every schedule has written one. */
function startsIn(folder: string, count: number): readonly number[] {
  const lines = readFileSync(linesIn(folder), "utf8").trimEnd().split("\n");
  const who = new Set(lines.map((line) => line.slice(line.indexOf(" "))));
  if (lines.length !== count || who.size !== count)
    throw new Error(`${lines.length} lines of ${who.size} schedules, expected ${count}`);
  return lines.map((line) => Number(line.slice(0, line.indexOf(" "))));
}

/** When the runs ended, as the store has it. */
function endsIn(folder: string): readonly number[] {
  const store = new Database(join(folder, ".tocsin/state.db"), { readonly: true });
  const ends = store
    .query<{ at: number }, []>("SELECT at FROM transition WHERE type = 'COMPLETED'")
    .all();
  store.close();
  return ends.map(({ at }) => at);
}

/** Throws unless the store has one completed run for each schedule, each with its four transitions: Late comes on top. */
function requireOneRunEach(folder: string, count: number): void {
  const store = new Database(join(folder, ".tocsin/state.db"), { readonly: true });
  const found = store
    .query(
      `SELECT count(*) AS runs, count(DISTINCT flow || '/' || schedule_key) AS schedules,
         sum(state_type = 'COMPLETED' AND attempt = 1) AS completed,
         (SELECT count(*) FROM transition WHERE name <> 'Late') AS transitions FROM run`,
    )
    .get();
  store.close();
  const expected = { runs: count, schedules: count, completed: count, transitions: 4 * count };
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`the store has ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}
