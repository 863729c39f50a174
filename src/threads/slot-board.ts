/** How many runs can be posted to one thread and not have ended. */
export const SLOTS = 256;

const FREE = 0;
const OFFERED = 1;
const TAKEN = 2;
const REVOKED = 3;
const COMPLETED = 4;
const ENDED = 5;

/**
 * Memory that the main thread shares with one run thread: for each posted run whether the thread has taken
 * it or the main thread has taken it back, and since when the present one runs. It can be read, and runs
 * can be taken back, while the thread is in a loop that never yields.
 */
export interface SlotBoard {
  readonly memory: SharedArrayBuffer;
  /** Main: before the run is posted. */
  offer(slot: number): void;
  /** Main: true if the thread had not taken the run, and now never will. */
  revoke(slot: number): boolean;
  /** Main: the slot may be used again. */
  release(slot: number): void;
  /** Thread: true if the run is its own now; false if it was taken back. */
  take(slot: number, now: number): boolean;
  /** Thread: the run has ended; its report follows. */
  end(slot: number, how: "completed" | "otherwise"): void;
  /** Main: how far the run got, when its thread is gone and reports with it. */
  fate(slot: number): "not-begun" | "running" | "completed" | "ended";
  /** Main: the run in progress, and its start in epoch milliseconds. */
  running(): { readonly slot: number; readonly since: number } | undefined;
}

export function slotBoard(
  memory: SharedArrayBuffer = new SharedArrayBuffer(8 + (SLOTS + 2) * 4),
): SlotBoard {
  const since = new Float64Array(memory, 0, 1);
  const states = new Int32Array(memory, 8, SLOTS);
  /** The number of the running slot plus one; 0 for none. */
  const present = new Int32Array(memory, 8 + SLOTS * 4, 1);
  return {
    memory,
    offer: (slot) => void Atomics.store(states, slot, OFFERED),
    revoke: (slot) => Atomics.compareExchange(states, slot, OFFERED, REVOKED) === OFFERED,
    release: (slot) => void Atomics.store(states, slot, FREE),
    take(slot, now) {
      if (Atomics.compareExchange(states, slot, OFFERED, TAKEN) !== OFFERED) return false;
      since[0] = now;
      Atomics.store(present, 0, slot + 1);
      return true;
    },
    end(slot, how) {
      Atomics.store(states, slot, how === "completed" ? COMPLETED : ENDED);
      Atomics.store(present, 0, 0);
    },
    fate(slot) {
      const state = Atomics.load(states, slot);
      if (state === TAKEN) return "running";
      if (state === COMPLETED) return "completed";
      return state === ENDED ? "ended" : "not-begun";
    },
    running() {
      const slot = Atomics.load(present, 0) - 1;
      return slot < 0 ? undefined : { slot, since: since[0] ?? 0 };
    },
  };
}
