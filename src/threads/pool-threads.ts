import { cpus } from "node:os";
import type { FlowName } from "../domain/ids.ts";
import { QUICK_MS } from "./flow-pace.ts";
import { loadOf, type Pool, type PoolThread, waitsForChildren } from "./pool-state.ts";
import { SLOTS, slotBoard } from "./slot-board.ts";
import { openThread } from "./thread-link.ts";

/** Work that may wait behind other work in one thread, in expected milliseconds. */
const AHEAD_MS = 5;
/** The same where more runs wait than there may be threads: they wait anyway, and are saved more at once. */
const AHEAD_CROWDED_MS = 20;
const LEAST_MS = 0.005;
const IDLE_MS = 90_000;
const START_AGAIN_MS = 1_000;
const CORES = cpus().length;

/** How much a run is expected to take; undefined for one that must have a thread of its own. */
export function expectedMs(pool: Pool, flow: FlowName): number | undefined {
  if (pool.parents.has(flow)) return undefined;
  const pace = pool.paces.of(flow) ?? (pool.crowded ? pool.paces.ofNewcomers() : undefined);
  return pace === undefined || pace > QUICK_MS ? undefined : Math.max(pace, LEAST_MS);
}

/** The thread that can take a run of the flow now, started if need be; undefined when the pool is full. */
export function threadFor(pool: Pool, expected: number | undefined): PoolThread | undefined {
  const generation = pool.deps.newest().number;
  retireOld(pool, generation);
  const open = [...pool.threads].filter(
    (thread) => thread.generation === generation && isOpen(thread),
  );
  // Parents that have waited leave threads behind, but no more are at work at once than there may be.
  const mayBegin = workingThreads(pool) < pool.deps.threadsMax;
  if (expected === undefined) {
    return mayBegin
      ? (open.find((thread) => loadOf(thread) === 0) ?? startThread(pool))
      : undefined;
  }
  const ahead = pool.crowded ? AHEAD_CROWDED_MS : AHEAD_MS;
  const sharing = open.filter(
    (thread) => hasRoom(thread, expected, ahead) && (mayBegin || loadOf(thread) > 0),
  );
  const [first] = sharing.sort((a, b) => a.expectedMs - b.expectedMs);
  if (first !== undefined) return first;
  // Quick runs gain nothing from more threads than cores, unless all there are is taken by long ones.
  const quick = open.filter((thread) => !thread.lone).length;
  return quick < CORES ? startThread(pool) : undefined;
}

function workingThreads({ threads }: Pool): number {
  let working = 0;
  for (const thread of threads) if (loadOf(thread) > 0 && !waitsForChildren(thread)) working += 1;
  return working;
}

/** Idle threads of older configs give their place to new ones. */
function retireOld(pool: Pool, generation: number): void {
  for (const thread of pool.threads) {
    if (thread.generation !== generation && loadOf(thread) === 0) void dropThread(pool, thread);
  }
}

function isOpen({ state }: PoolThread): boolean {
  return state === "starting" || state === "ready";
}

function hasRoom(thread: PoolThread, expected: number, ahead: number): boolean {
  if (thread.lone) return false;
  const load = loadOf(thread);
  return load === 0 || (load < SLOTS && thread.expectedMs + expected <= ahead);
}

/** Starts a thread on the newest config; undefined where there may be no further one now. */
function startThread(pool: Pool): PoolThread | undefined {
  const { deps, ears, threads } = pool;
  const taken = [...threads].filter((thread) => !waitsForChildren(thread)).length;
  if (pool.stopping || taken >= deps.threadsMax || performance.now() < pool.startAfter) {
    return undefined;
  }
  const { number, configPath, sources } = deps.newest();
  const board = slotBoard();
  const { logLinesMax = 10_000, resultBytesMax = 2 ** 20 } = deps;
  const link = openThread(
    { mode: "run", configPath, sources, board: board.memory, logLinesMax, resultBytesMax },
    {
      message: (message) => ears.message(thread, message),
      batchEnd: () => ears.batchEnd(thread),
      gone: (gone) => ears.gone(thread, gone),
    },
    { stuckAfterMs: deps.stuckAfterMs },
  );
  const thread: PoolThread = {
    generation: number,
    link,
    board,
    freeSlots: Array.from({ length: SLOTS }, (_, slot) => slot),
    posts: new Map(),
    passing: new Map(),
    state: "starting",
    reserved: 0,
    expectedMs: 0,
    lone: false,
    lastPost: 0,
    runs: 0,
    idle: undefined,
    watch: undefined,
  };
  threads.add(thread);
  return thread;
}

/** Lets no thread be started for a moment: the last one could not import the config. Then calls `again`. */
export function delayStarts(pool: Pool, again: () => void): void {
  pool.startAfter = performance.now() + START_AGAIN_MS;
  setTimeout(again, START_AGAIN_MS + 10);
}

/** Looks after a thread that has nothing to do: it is kept for a while, replaced, or ended. */
export function restThread(pool: Pool, thread: PoolThread): void {
  if (loadOf(thread) > 0 || !pool.threads.has(thread)) return;
  thread.expectedMs = 0;
  thread.lone = false;
  const worn = thread.runs >= (pool.deps.runsPerThread ?? 10_000);
  const old = thread.generation !== pool.deps.newest().number;
  if (worn || old || thread.state === "retiring") {
    void dropThread(pool, thread);
    if (worn && !old) warmPool(pool);
    return;
  }
  thread.idle ??= setTimeout(() => {
    thread.idle = undefined;
    if (loadOf(thread) === 0) void dropThread(pool, thread);
  }, pool.deps.idleMs ?? IDLE_MS);
}

/** Sees to one idle thread of the newest config, which is kept for a further while, and to none of older ones. */
export function warmPool(pool: Pool): void {
  if (pool.stopping) return;
  const newest = pool.deps.newest().number;
  retireOld(pool, newest);
  const idle = [...pool.threads].find(
    (thread) => thread.generation === newest && isOpen(thread) && loadOf(thread) === 0,
  );
  const thread = idle ?? startThread(pool);
  if (thread === undefined) return;
  clearTimeout(thread.idle);
  thread.idle = undefined;
  restThread(pool, thread);
}

/** Takes a thread out of the pool and terminates it. Answers how that went. */
export async function dropThread(pool: Pool, thread: PoolThread): Promise<"stopped" | "stuck"> {
  const flow = flowIn(thread);
  forgetThread(pool, thread);
  const how = await thread.link.terminate();
  if (how === "stuck") {
    pool.stuck += 1;
    pool.deps.log.error("A thread could not be stopped and was written off", { stuck: pool.stuck });
    if (flow !== undefined) pool.deps.onStuck?.(flow, thread.generation);
  }
  return how;
}

/** The flow whose run is in progress in the thread. */
function flowIn({ board, posts }: PoolThread): FlowName | undefined {
  const running = board.running();
  if (running === undefined) return undefined;
  return [...posts.values()].find(({ place }) => place?.slot === running.slot)?.claim.run.flow;
}

/** Takes a thread out of the pool. */
export function forgetThread(pool: Pool, thread: PoolThread): void {
  thread.state = "gone";
  clearTimeout(thread.idle);
  clearTimeout(thread.watch);
  thread.idle = undefined;
  thread.watch = undefined;
  pool.threads.delete(thread);
}
