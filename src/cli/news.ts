import { eventStream } from "./event-stream.ts";
import type { Way } from "./session.ts";

/** Wakes whoever follows a run. What happened is read from where it is kept: news says only that it is time to. */
export interface News {
  /** Resolves when something happened since the last time, or after so long. */
  next(atMostMs: number): Promise<void>;
  stop(): void;
}

/** While events come there is no need to look; but once in a while it does no harm. */
const LOOK_ANYWAY_MS = 5_000;

/** News of a run: that it changed its state, or wrote lines. */
export function newsOfRun(way: Way, run: string): News {
  const stopping = new AbortController();
  const path = `/api/events?run=${encodeURIComponent(run)}&lines=1`;
  let isNews = false;
  let isLive = false;
  let wake = () => {};
  const listen = async () => {
    for await (const _ of eventStream(way, { path, signal: stopping.signal })) {
      isNews = true;
      isLive = true;
      wake();
    }
  };
  // Who cannot listen looks: what is wrong is said when it does.
  const ended = listen().catch(() => {
    isLive = false;
  });
  return {
    async next(atMostMs) {
      if (!isNews) await wakeOrTime(isLive ? LOOK_ANYWAY_MS : atMostMs);
      isNews = false;
    },
    stop() {
      stopping.abort();
      void ended;
    },
  };

  function wakeOrTime(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
