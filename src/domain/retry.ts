import type { RetryDelay, RetryPolicy } from "./flow.ts";

/**
 * How long to wait before the attempt that follows `failures` failed ones (1-based), in milliseconds;
 * undefined when the policy allows no further attempt. `chance` is a random number from 0 to 1.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  chance: number,
): number | undefined {
  return failures > policy.retries ? undefined : delayMs(policy.delay, failures, chance);
}

function delayMs(delay: RetryDelay, failures: number, chance: number): number {
  switch (delay.kind) {
    case "list":
      return delay.ms[Math.min(failures, delay.ms.length) - 1] ?? 0;
    case "exponential": {
      const ms = Math.min(delay.initialMs * delay.factor ** (failures - 1), delay.maxMs);
      return Math.round(ms * (1 + delay.jitter * chance));
    }
  }
}
