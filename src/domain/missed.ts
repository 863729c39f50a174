import type { MissedPolicy } from "./flow.ts";
import type { Instant } from "./instant.ts";

/** Due times sorted by what becomes of them. */
export interface DuesByFate {
  readonly kept: readonly Instant[];
  readonly missed: readonly { readonly dueAt: Instant; readonly reason: string }[];
}

export interface MissedMoment {
  readonly now: Instant;
  readonly graceMs: number;
  /** Due times of the schedule that come after these and are due as well; to be dealt with later. */
  readonly more?: number;
}

/**
 * Decides which of a schedule's due times, oldest first, still get a run, and why the others do not. One
 * that is later than `graceMs` was missed: the daemon was down, asleep, or the clock jumped.
 */
export function keepOrMiss(
  dues: readonly Instant[],
  policy: MissedPolicy,
  { now, graceMs, more = 0 }: MissedMoment,
): DuesByFate {
  const kept = new Set(dues.filter((due) => now - due <= graceMs));
  const late = dues.filter((due) => !kept.has(due));
  const inWindow = late.filter((due) => now - due <= policy.windowMs);
  const behind = more + kept.size;
  for (const due of caughtUp(inWindow, policy, { behind, more })) kept.add(due);
  return {
    kept: dues.filter((due) => kept.has(due)),
    missed: late
      .filter((due) => !kept.has(due))
      .map((dueAt) => ({ dueAt, reason: reasonFor(dueAt, policy, now) })),
  };
}

function caughtUp(
  late: readonly Instant[],
  { policy, max }: MissedPolicy,
  { behind, more }: { readonly behind: number; readonly more: number },
): readonly Instant[] {
  switch (policy) {
    case "skip":
      return [];
    case "latest":
      return behind > 0 ? [] : late.slice(-1);
    case "all":
      return late.slice(Math.max(0, late.length - Math.max(0, max - more)));
  }
}

function reasonFor(dueAt: Instant, { policy, windowMs, max }: MissedPolicy, now: Instant): string {
  if (now - dueAt > windowMs)
    return "the daemon could not start it in time, and it is past the window for catching up";
  switch (policy) {
    case "skip":
      return "the daemon could not start it in time, and the flow does not catch up";
    case "latest":
      return "the daemon could not start it in time, and a later due time was run instead";
    case "all":
      return `the daemon could not start it in time, and more than ${max} due times were missed`;
  }
}
