import { type Clock, type Instant, instant } from "../../src/domain/instant.ts";

/** A clock that stands still until it is told to move. */
export interface VirtualClock {
  readonly now: Clock;
  advance(ms: number): void;
  set(at: Instant): void;
}

export function virtualClock(from: Instant): VirtualClock {
  let now = from;
  return {
    now: () => now,
    advance: (ms) => {
      now = instant(now + ms);
    },
    set: (at) => {
      now = at;
    },
  };
}
