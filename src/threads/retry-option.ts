import { durationMs } from "../domain/duration.ts";
import type { RetryDelay } from "../domain/flow.ts";

const DAY_MS = 86_400_000;

/** Reads a `retryDelay` option; undefined when it is none. */
export function readRetryDelay(option: unknown): RetryDelay | undefined {
  if (Array.isArray(option)) {
    const ms = option.map(durationMs);
    const known = ms.filter((wait) => wait !== undefined);
    return known.length === ms.length && known.length > 0 ? { kind: "list", ms: known } : undefined;
  }
  if (typeof option === "object" && option !== null) return readGrowing({ ...option });
  const ms = durationMs(option);
  return ms === undefined ? undefined : { kind: "list", ms: [ms] };
}

function readGrowing(option: Readonly<Record<string, unknown>>): RetryDelay | undefined {
  const { initial, factor = 2, max = DAY_MS, jitter = 0, ...unknown } = option;
  const initialMs = durationMs(initial);
  const maxMs = durationMs(max);
  if (Object.keys(unknown).length > 0 || initialMs === undefined || maxMs === undefined) {
    return undefined;
  }
  if (typeof factor !== "number" || !(factor >= 1 && factor <= 100)) return undefined;
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) return undefined;
  return { kind: "exponential", initialMs, factor, maxMs, jitter };
}
