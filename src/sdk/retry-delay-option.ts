import type { Duration } from "../domain/duration.ts";

/** How long to wait before a further attempt: always the same, one after the other, or growing. */
export type RetryDelayOption =
  | Duration
  | readonly Duration[]
  | {
      readonly initial: Duration;
      readonly factor?: number;
      readonly max?: Duration;
      /** Up to this share of the delay is added at random, 0 to 1. */
      readonly jitter?: number;
    };
