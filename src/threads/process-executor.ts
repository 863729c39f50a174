import type { Executor, Offer, OfferAnswer } from "../domain/executor.ts";
import type { RunId } from "../domain/ids.ts";
import { STOPPED } from "./pool-ends.ts";
import { askToStop, lookAtMemory } from "./process-ends.ts";
import { claimOffers } from "./process-placing.ts";
import type { ProcessExecutorDeps, Processes } from "./process-state.ts";

const HEARTBEAT_MS = 10_000;
const HEARTBEAT_GRACE_MS = 30_000;
const MEMORY_LOOK_MS = 50;
const STOP_LOOK_MS = 10;

/** Executes runs in child processes, one process for each attempt. */
export function createProcessExecutor(deps: ProcessExecutorDeps): Executor {
  const processes: Processes = {
    deps,
    held: new Map(),
    claiming: new Map(),
    finishing: new Set(),
    stopping: false,
    full: false,
  };
  const heart = setInterval(() => beat(processes), HEARTBEAT_MS);
  const looks = setInterval(() => {
    for (const attempt of processes.held.values()) lookAtMemory(attempt);
  }, MEMORY_LOOK_MS);
  return {
    name: "processes",
    can: { hardKill: true, memoryLimit: true, survivesControl: false },
    offer: (offers) => takeOffers(processes, offers),
    cancel: (runId, graceMs) => cancel(processes, runId, graceMs),
    health: () => {
      const busy = processes.held.size;
      return { threads: busy, busy, stuck: 0 };
    },
    held: () => [...processes.held.keys()],
    warm() {},
    async stop(graceMs) {
      clearInterval(heart);
      await stop(processes, graceMs);
      clearInterval(looks);
    },
  };
}

function takeOffers(processes: Processes, offers: readonly Offer[]): OfferAnswer {
  if (processes.stopping) return { left: offers, full: true };
  const { held, claiming, deps } = processes;
  const open = offers.filter(({ runId }) => !held.has(runId) && !claiming.has(runId));
  const waiting = [...held.values()].filter(({ children }) => children > 0).length;
  const room = Math.max(0, deps.processesMax - (held.size - waiting) - claiming.size);
  const taken = open.slice(0, room);
  for (const { runId } of taken) claiming.set(runId, { cancelled: false });
  const left = open.slice(room);
  processes.full = left.length > 0;
  if (taken.length > 0) void claimOffers(processes, taken);
  return { left, full: processes.full };
}

function cancel(processes: Processes, runId: RunId, graceMs: number): void {
  const claiming = processes.claiming.get(runId);
  if (claiming !== undefined) claiming.cancelled = true;
  const attempt = processes.held.get(runId);
  if (attempt === undefined) return;
  const hasBegun = attempt.startedAt !== undefined;
  askToStop(attempt, {
    why: "cancel",
    message: hasBegun ? "cancelled while it ran" : "it had not begun",
    graceMs: hasBegun ? graceMs : 0,
  });
}

function beat(processes: Processes): void {
  for (const [runId, { claim, link }] of processes.held) {
    const answer = processes.deps.ledger.heartbeat(runId, claim.token);
    if (answer === "cancel") cancel(processes, runId, HEARTBEAT_GRACE_MS);
    if (answer === "fenced") link.kill();
  }
}

async function stop(processes: Processes, graceMs: number): Promise<void> {
  processes.stopping = true;
  for (const attempt of processes.held.values()) {
    // One that has not begun is deaf to the signal, and has nothing to tidy up.
    const grace = attempt.startedAt === undefined ? 0 : graceMs;
    askToStop(attempt, { why: "stop", message: STOPPED, graceMs: grace });
  }
  // Each run ends by itself or is killed when its grace is over; claims under way are settled at once.
  const { held, claiming, finishing } = processes;
  while (held.size > 0 || claiming.size > 0 || finishing.size > 0) {
    await Promise.race([...finishing, nextLook()]);
  }
}

function nextLook(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, STOP_LOOK_MS));
}
