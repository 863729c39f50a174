const EVERY_MS = 1_000;
/** How many waits are looked back at: a minute. */
const KEPT = 60;

/** How long the main thread keeps others waiting. */
export interface LoopLag {
  /** The longest that a timer had to wait within the last minute, in milliseconds. */
  longestMs(): number;
}

/** Looks once a second how late its own timer is. It does not keep the process alive. */
export function watchLoopLag(everyMs: number = EVERY_MS): LoopLag {
  const waits: number[] = [];
  let expectedAt = performance.now() + everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    waits.push(Math.max(0, now - expectedAt));
    if (waits.length > KEPT) waits.shift();
    expectedAt = now + everyMs;
  }, everyMs);
  timer.unref();
  return { longestMs: () => Math.round(Math.max(0, ...waits)) };
}
