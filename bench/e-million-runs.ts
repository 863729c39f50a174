import { Database } from "bun:sqlite";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { storeIn } from "./backlog.ts";
import { type BenchDaemon, newFolder, pssMb, startBenchDaemon } from "./daemon.ts";
import { FLOWS, fillHistory, HISTORY_CONFIG } from "./e-history.ts";
import { type Ask, p50, p99, timed, timedTogether } from "./e-requests.ts";
import { type Figure, report } from "./report.ts";

const ROUNDS = 5;
const PER_ROUND = 100;
const CLIENTS = 8;
const RUNS_A_SECOND = 2_000;
const CALLS_A_SECOND = 40;
/** Flows of which the home page shows the newest runs at once. */
const FLOWS_SHOWN = 25;

/** e: what people ask of a store with many runs, by one client, and by eight while runs are written. */
export async function benchHistory({ runs }: { readonly runs?: number } = {}): Promise<void> {
  for (const size of runs === undefined ? [100_000, 1_000_000] : [runs]) {
    const folder = newFolder();
    try {
      await fillHistory(folder, size);
      await ofSize(folder, size);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function ofSize(folder: string, size: number): Promise<void> {
  const title = `e   ${size.toLocaleString("en")} runs kept`;
  const starts: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const daemon = await startBenchDaemon(HISTORY_CONFIG, folder);
    starts.push(daemon.upAfterMs);
    await daemon.end();
  }
  const asked = asks(folder, size);
  const limits = await startLimits(storeIn(folder));
  const daemon = await startBenchDaemon(HISTORY_CONFIG, folder);
  try {
    await warmUp(daemon, asked);
    const alone = await byOne(daemon, asked, limits.url);
    const mb = pssMb(daemon.pid);
    report(`${title}: one client`, [
      { name: "spawn → /livez", unit: "ms", values: starts, goal: "≤ 100" },
      ...alone,
      { name: "memory (PSS) after that", unit: "MB", values: [mb] },
    ]);
    const together = await whileWriting(daemon, () => byMany(daemon, asked, limits.url));
    report(
      `${title}: ${CLIENTS} clients while ${RUNS_A_SECOND.toLocaleString("en")} runs a second are asked for`,
      together,
    );
  } finally {
    limits.process.kill();
    await daemon.end();
  }
}

interface Asked {
  readonly name: string;
  readonly ask: Ask;
  readonly goal?: { readonly one: string; readonly many: string };
}

const LIST = { one: "≤ 4", many: "≤ 15" };

function asks(folder: string, size: number): readonly Asked[] {
  using database = new Database(storeIn(folder), { readonly: true });
  const ids = database
    .query<{ id: string }, []>(`SELECT id FROM run WHERE no % ${Math.floor(size / 1_000)} = 7`)
    .all()
    .map(({ id }) => id);
  const anywhere = (no: number) => Math.floor(((no * 0.754_877_666_2) % 1) * size);
  const idOf = (no: number) => ids[(no * 37) % ids.length] ?? "";
  const list = (query: string) => () => `/api/runs?limit=50${query}`;
  return [
    { name: "newest 50", ask: list(""), goal: LIST },
    { name: "a page deep in", ask: (no) => `${list("")()}&cursor=${anywhere(no)}`, goal: LIST },
    { name: "by flow", ask: (no) => `${list("")()}&flow=flow-${no % FLOWS}`, goal: LIST },
    { name: "by state", ask: list("&state=FAILED"), goal: LIST },
    { name: "by a tag of many", ask: list("&tag=prod"), goal: LIST },
    { name: "by a tag of few", ask: list("&tag=rare"), goal: LIST },
    { name: "made in an hour", ask: list("&since=241h&until=240h"), goal: LIST },
    { name: "open a run", ask: (no) => `/api/runs/${idOf(no)}`, goal: LIST },
    { name: "its transitions", ask: (no) => `/api/runs/${idOf(no)}/transitions`, goal: LIST },
    { name: "counts (/api/status)", ask: () => "/api/status", goal: LIST },
  ];
}

/** What the home page asks for. */
const HOME = [
  "/api/flows",
  "/api/status",
  "/api/runs?state=RUNNING,PENDING,CANCELLING,PAUSED&limit=50",
  `/api/recent-runs?n=40&${Array.from({ length: FLOWS_SHOWN }, (_, no) => `flow=flow-${no}`).join("&")}`,
];

async function warmUp({ url }: BenchDaemon, asked: readonly Asked[]): Promise<void> {
  for (const { ask } of asked) await timed(url, ask, 30);
  await home(url);
}

async function home(url: string): Promise<number> {
  const began = performance.now();
  await Promise.all(HOME.map((path) => timed(url, () => path, 1)));
  return performance.now() - began;
}

async function byOne(
  { url }: BenchDaemon,
  asked: readonly Asked[],
  limitUrl: string,
): Promise<readonly Figure[]> {
  const limits = await rounds(() => timed(limitUrl, deep, PER_ROUND));
  const figures: Figure[] = [limitFigure(limits)];
  for (const { name, ask, goal } of asked) {
    const took = await rounds(() => timed(url, ask, PER_ROUND));
    figures.push(...figuresOf(name, { took, limits, goal: goal?.one }));
  }
  const pages = await rounds(async () => {
    const took: number[] = [];
    for (let no = 0; no < PER_ROUND / 5; no += 1) took.push(await home(url));
    return took;
  });
  figures.push(...figuresOf("home page's data", { took: pages, limits, goal: "≤ 30" }));
  return figures;
}

async function byMany(
  { url }: BenchDaemon,
  asked: readonly Asked[],
  limitUrl: string,
): Promise<readonly Figure[]> {
  const together = { clients: CLIENTS, count: PER_ROUND * 2 };
  const limits = await rounds(() => timedTogether(limitUrl, deep, together));
  const figures: Figure[] = [limitFigure(limits)];
  for (const { name, ask, goal } of asked) {
    const took = await rounds(() => timedTogether(url, ask, together));
    figures.push(...figuresOf(name, { took, limits, goal: goal?.many }));
  }
  return figures;
}

const deep: Ask = (no) => `/runs?cursor=${1_000 + no * 431}`;

type Rounds = readonly (readonly number[])[];

/** One that is not counted, and those that are. */
async function rounds(round: () => Promise<readonly number[]>): Promise<Rounds> {
  const all: (readonly number[])[] = [];
  for (let no = 0; no <= ROUNDS; no += 1) all.push(await round());
  return all.slice(1);
}

function limitFigure(limits: Rounds): Figure {
  const name = "limit: bare hono and libSQL, p99";
  return { name, unit: "ms", values: limits.map(p99) };
}

interface Measured {
  readonly took: Rounds;
  readonly limits: Rounds;
  readonly goal: string | undefined;
}

function figuresOf(name: string, { took, limits, goal }: Measured): readonly Figure[] {
  const middle = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[values.length >> 1];
  const limit = (figure: (took: readonly number[]) => number) => middle(limits.map(figure)) ?? 0;
  return [
    { name: `${name}: p50`, unit: "ms", values: took.map(p50), limit: limit(p50) },
    {
      ...{ name: `${name}: p99`, unit: "ms", values: took.map(p99), limit: limit(p99) },
      ...(goal === undefined ? {} : { goal }),
    },
  ];
}

/** Asks for runs at an even pace until the body is done. */
async function whileWriting<Answer>(
  { url }: BenchDaemon,
  body: () => Promise<Answer>,
): Promise<Answer> {
  const items = Array.from({ length: RUNS_A_SECOND / CALLS_A_SECOND }, (_, no) => ({
    flow: `flow-${no % FLOWS}`,
  }));
  const request = { method: "POST", body: JSON.stringify({ items }) };
  const headers = { "content-type": "application/json" };
  let isOver = false;
  let written = 0;
  const began = performance.now();
  const writing = (async () => {
    for (let call = 1; !isOver; call += 1) {
      const answer = await fetch(`${url}/api/runs/bulk`, { ...request, headers });
      if (!answer.ok) throw new Error(`Cannot ask for runs: ${answer.status}`);
      await answer.arrayBuffer();
      written += items.length;
      const next = began + (call * 1_000) / CALLS_A_SECOND;
      await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())));
    }
  })();
  try {
    return await body();
  } finally {
    isOver = true;
    await writing;
    const rate = written / ((performance.now() - began) / 1_000);
    console.log(`\nasked for ${Math.round(rate).toLocaleString("en")} runs a second meanwhile`);
  }
}

async function startLimits(
  store: string,
): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const script = new URL("./limits/list-server.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, store], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { url: line.toString().trim(), process: child };
}
