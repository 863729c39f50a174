const PLACES = 1_024;
const LOOK_MS = 1;
const STARTING_MAX_MS = 1_000;

/**
 * The programs that a thread has started, each leading a process group of its own. The thread writes them
 * down in memory that the main thread reads: a message could be lost with the thread.
 */
export interface ProgramBoard {
  readonly memory: SharedArrayBuffer;
  starting(): void;
  started(pid: number | undefined): void;
  ended(pid: number): void;
  /** Main: waits while the thread is about to start one, whose number nobody would know. */
  settled(): Promise<void>;
  /** Main: kills every group that is left of a thread that is gone. */
  killAll(): void;
}

export function programBoard(
  memory: SharedArrayBuffer = new SharedArrayBuffer((1 + PLACES) * 4),
): ProgramBoard {
  const begun = new Int32Array(memory, 0, 1);
  const pids = new Int32Array(memory, 4);
  const exchange = (from: number, to: number) => {
    const place = pids.indexOf(from);
    if (place >= 0) Atomics.store(pids, place, to);
  };
  return {
    memory,
    starting: () => void Atomics.store(begun, 0, 1),
    started(pid) {
      if (pid !== undefined) exchange(0, pid);
      Atomics.store(begun, 0, 0);
    },
    ended: (pid) => exchange(pid, 0),
    async settled() {
      const end = performance.now() + STARTING_MAX_MS;
      while (Atomics.load(begun, 0) === 1 && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    killAll() {
      const left = pids.filter((pid) => pid !== 0);
      pids.fill(0);
      for (const pid of left) killGroup(pid);
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
