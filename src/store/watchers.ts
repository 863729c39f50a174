import type { DeliveryStatus } from "../domain/delivery.ts";
import type { Run, Transition } from "../domain/run.ts";

/**
 * Told of what commits hold, after each: for counting and for showing, never for what must be done. What
 * must not be lost is a row.
 */
export interface StoreWatcher {
  runMoved?(step: Transition<Run>): void;
  /** Of some task run. */
  taskMoved?(): void;
  /** A delivery, by its number, came to an end, or is to be tried again. */
  deliveryMoved?(no: number, status: DeliveryStatus): void;
  /** A commit was made, in so many milliseconds. */
  committed?(ms: number): void;
}

export interface Watchers extends Required<StoreWatcher> {
  add(watcher: StoreWatcher): void;
}

export function createWatchers(): Watchers {
  const all: StoreWatcher[] = [];
  const tell = (say: (watcher: StoreWatcher) => void) => {
    for (const watcher of all) {
      try {
        say(watcher);
      } catch {
        // It is committed: to count wrong is better than to have it taken for not saved, and saved again.
      }
    }
  };
  return {
    add: (watcher) => void all.push(watcher),
    runMoved: (step) => tell((watcher) => watcher.runMoved?.(step)),
    taskMoved: () => tell((watcher) => watcher.taskMoved?.()),
    deliveryMoved: (no, status) => tell((watcher) => watcher.deliveryMoved?.(no, status)),
    committed: (ms) => tell((watcher) => watcher.committed?.(ms)),
  };
}
