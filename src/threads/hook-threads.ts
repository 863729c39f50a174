import type { Ringer, Ringing, Rung } from "../domain/delivery.ts";
import { errorInfo } from "../domain/failure.ts";
import type { Generation } from "../domain/flow.ts";
import type { Clock } from "../domain/instant.ts";
import {
  type HookThread,
  type HookThreadDeps,
  interruptAll,
  openHookThread,
  ringIn,
} from "./hook-thread.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import type { AnswerRequest, ThreadsLog } from "./pool-state.ts";

const PER_THREAD = 512;
/** A further thread is started when the ones there are have so many ringings each. */
const SHARED = 32;
const STOPPED = "the daemon stopped while the hook was performed";

export interface RingerDeps {
  readonly clock: Clock;
  readonly log: ThreadsLog;
  readonly newest: () => Generation;
  readonly answerRequest: AnswerRequest;
  readonly threadsMax?: number;
}

interface Waiting {
  readonly ringing: Ringing;
  readonly resolve: (rung: Rung) => void;
}

interface Tower {
  readonly deps: RingerDeps;
  readonly threads: Set<HookThread>;
  /** Ringings that must be alone in their thread, one after the other. */
  readonly alone: Waiting[];
  readonly idle: (() => void)[];
  stopping: boolean;
}

/** Performs hooks in threads of their own, many at a time in each. */
export function createRinger(deps: RingerDeps): Ringer {
  const tower: Tower = { deps, threads: new Set(), alone: [], idle: [], stopping: false };
  return {
    room: () => room(tower),
    ring(ringing, { alone }) {
      if (tower.stopping) return Promise.resolve(unrung(tower, ringing));
      if (!alone) return ringShared(tower, ringing);
      return new Promise((resolve) => {
        tower.alone.push({ ringing, resolve });
        ringNextAlone(tower);
      });
    },
    stop: (graceMs) => stop(tower, graceMs),
  };
}

function room({ threads, deps, stopping }: Tower): number {
  if (stopping) return 0;
  const shared = [...threads].filter((thread) => !thread.alone);
  const taken = shared.reduce((count, { bells }) => count + bells.size, 0);
  return Math.max(0, PER_THREAD * (deps.threadsMax ?? 2) - taken);
}

function ringShared(tower: Tower, ringing: Ringing): Promise<Rung> {
  const { deps } = tower;
  retireOld(tower);
  const open = [...tower.threads].filter((thread) => !thread.alone && !thread.retiring);
  const [least] = open.sort((a, b) => a.bells.size - b.bells.size);
  const full = least === undefined || least.bells.size >= SHARED;
  const thread = full && open.length < (deps.threadsMax ?? 2) ? startThread(tower, false) : least;
  return ringIn(thread ?? startThread(tower, false), ringing, threadDeps(tower, false));
}

/** Threads of an older config end when they have nothing left to do. */
function retireOld(tower: Tower): void {
  const newest = tower.deps.newest().number;
  for (const thread of tower.threads) {
    if (thread.generation === newest) continue;
    thread.retiring = true;
    if (thread.bells.size === 0) drop(tower, thread);
  }
}

function ringNextAlone(tower: Tower): void {
  retireOld(tower);
  const used = [...tower.threads].find((thread) => thread.alone && !thread.retiring);
  if (used !== undefined && used.bells.size > 0) return;
  const next = tower.alone.shift();
  if (next === undefined) {
    if (used !== undefined) drop(tower, used);
    return;
  }
  const thread = used ?? startThread(tower, true);
  void ringIn(thread, next.ringing, threadDeps(tower, true)).then(next.resolve);
}

function startThread(tower: Tower, alone: boolean): HookThread {
  const thread = openHookThread(threadDeps(tower, alone));
  tower.threads.add(thread);
  return thread;
}

function threadDeps(tower: Tower, alone: boolean): HookThreadDeps {
  return {
    generation: tower.deps.newest(),
    alone,
    other: (thread, message) => void hear(tower, thread, message),
    over(thread) {
      drop(tower, thread);
      if (alone) ringNextAlone(tower);
    },
    freed(thread) {
      if (thread.retiring && thread.bells.size === 0) drop(tower, thread);
      if (alone) ringNextAlone(tower);
      noteIdle(tower);
    },
  };
}

async function hear(tower: Tower, thread: HookThread, message: MessageFromThread): Promise<void> {
  const { log, answerRequest } = tower.deps;
  if (message.type === "output") {
    for (const { level, text } of message.lines) log[level](text, { from: "config" });
  }
  if (message.type === "late-error") {
    log.warn("A hook left an error behind that nobody caught", { error: message.error });
  }
  if (message.type !== "request") return;
  const { id, request, deliveryId } = message;
  try {
    const origin = deliveryId === undefined ? {} : { delivery: deliveryId };
    thread.link.post({ type: "answer", id, value: await answerRequest(request, origin) });
  } catch (error) {
    thread.link.post({ type: "answer-error", id, error: errorInfo(error) });
  }
}

function drop(tower: Tower, thread: HookThread): void {
  if (!tower.threads.delete(thread)) return;
  clearInterval(thread.sweep);
  noteIdle(tower);
  void thread.link.terminate().then((how) => {
    if (how === "stuck") {
      tower.deps.log.error("A hook thread could not be stopped and was written off");
    }
  });
}

function noteIdle(tower: Tower): void {
  if ([...tower.threads].some((thread) => thread.bells.size > 0)) return;
  for (const resolve of tower.idle.splice(0)) resolve();
}

/** Waits for what is being performed, and interrupts what is not done in time. */
async function stop(tower: Tower, graceMs: number): Promise<void> {
  tower.stopping = true;
  for (const { ringing, resolve } of tower.alone.splice(0)) resolve(unrung(tower, ringing));
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, graceMs);
  tower.idle.push(resolve);
  noteIdle(tower);
  await promise;
  clearTimeout(timer);
  const threads = [...tower.threads];
  for (const thread of threads) interruptAll(thread, STOPPED);
  tower.threads.clear();
  await Promise.all(threads.map((thread) => thread.link.terminate()));
}

function unrung({ deps }: Tower, { deliveryId }: Ringing): Rung {
  const at = deps.clock();
  const outcome = { type: "interrupted", message: STOPPED } as const;
  return { deliveryId, outcome, startedAt: at, endedAt: at, log: [] };
}
