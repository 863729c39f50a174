/** The longest wait of `setTimeout`: a longer one fires at once. */
const CAP_MS = 2_147_483_647;

export interface LongTimer {
  clear(): void;
}

/** Calls `action` after `ms`, however long that is: longer waits are made of several of at most `capMs`. */
export function startLongTimer(ms: number, action: () => void, capMs = CAP_MS): LongTimer {
  const end = performance.now() + ms;
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    const left = end - performance.now();
    timer = left > capMs ? setTimeout(arm, capMs) : setTimeout(action, Math.max(0, left));
  };
  arm();
  return { clear: () => clearTimeout(timer) };
}
