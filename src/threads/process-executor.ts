import type { Executor, Offer, OfferAnswer } from "../domain/executor.ts";
import type { RunId } from "../domain/ids.ts";
import { STOPPED } from "./pool-ends.ts";
import { offeredAgain } from "./pool-placing.ts";
import { isParentOffer, roomForParents, waitingParents } from "./process-children.ts";
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
    parents: new Set(),
    finishing: new Set(),
    looks: undefined,
    stopping: false,
    full: false,
  };
  const heart = setInterval(() => beat(processes), HEARTBEAT_MS);
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
      clearInterval(processes.looks);
    },
  };
}

function takeOffers(processes: Processes, offers: readonly Offer[]): OfferAnswer {
  if (processes.stopping) return { left: offers, full: true };
  const { held, claiming, deps } = processes;
  const open = offers.filter(({ runId }) => !held.has(runId));
  let room = deps.processesMax - (held.size - waitingParents(processes)) - claiming.size;
  let parentRoom = roomForParents(processes);
  const taken: Offer[] = [];
  const left = open.filter((offer) => {
    if (offeredAgain(claiming.get(offer.runId))) return true;
    const isParent = isParentOffer(processes, offer);
    if (room <= 0 || (isParent && parentRoom <= 0)) return true;
    room -= 1;
    if (isParent) parentRoom -= 1;
    claiming.set(offer.runId, { cancelled: false, again: false, isParent });
    taken.push(offer);
    return false;
  });
  processes.full = left.length > 0;
  if (taken.length > 0) {
    void claimOffers(processes, taken);
    watchMemory(processes);
  }
  return { left, full: processes.full };
}

/** An idle daemon has nothing to look at, and is not woken for it. */
function watchMemory(processes: Processes): void {
  const { held, claiming } = processes;
  processes.looks ??= setInterval(() => {
    for (const attempt of held.values()) lookAtMemory(attempt);
    if (held.size > 0 || claiming.size > 0) return;
    clearInterval(processes.looks);
    processes.looks = undefined;
  }, MEMORY_LOOK_MS);
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
