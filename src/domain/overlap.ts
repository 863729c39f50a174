import type { OverlapPolicy } from "./flow.ts";
import type { RunId } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { Run } from "./run.ts";

export const OVERLAP_POLICIES: readonly OverlapPolicy[] = [
  "skip",
  "queue-one",
  "queue-all",
  "cancel-running",
  "allow",
];

/** How a flow's runs may stand to each other. */
export interface OverlapRule {
  readonly policy: OverlapPolicy;
  /** With `queue-all`: how many runs may wait. */
  readonly maxQueued: number;
}

/** A run of the flow that is not over: it goes on, waits for its retry, or waits to be started. */
export interface OpenRun {
  readonly id: RunId;
  /** It has not been started, and its time has come. */
  readonly waits: boolean;
}

/** Whether an executor has had the run: it goes on, though it may wait for its next attempt, a person, or a limit. */
export function hasBegun({
  attempt,
  failures,
  crashes,
}: Pick<Run, "attempt" | "failures" | "crashes">): boolean {
  return attempt + failures + crashes > 0;
}

/** What becomes of due times while runs of the flow are open. */
export interface OverlapAnswer {
  readonly births: readonly Instant[];
  readonly skipped: readonly Skipped[];
  /** Open runs that make way. */
  readonly cancels: readonly RunId[];
}

export interface Skipped {
  readonly dueAt: Instant;
  readonly reason: string;
  /** The open run that stood in the way. */
  readonly blockedBy?: RunId;
}

/** Whether a run made under the policy waits until no other such run of its flow goes on. */
export function isExclusive(policy: OverlapPolicy): boolean {
  return policy !== "allow";
}

/** How many open runs have to be known to decide. */
export function openRunsNeeded({ policy, maxQueued }: OverlapRule): number {
  if (policy === "allow") return 0;
  return policy === "skip" ? 1 : maxQueued + 1_000;
}

/** Decides about due times, oldest first, by the flow's overlap policy and its open runs, oldest first. */
export function overlapping(
  dues: readonly Instant[],
  { policy, maxQueued }: OverlapRule,
  open: readonly OpenRun[],
): OverlapAnswer {
  const first = open[0]?.id;
  switch (policy) {
    case "allow":
      return { births: dues, skipped: [], cancels: [] };
    case "skip":
      return keeping(first === undefined ? dues.slice(0, 1) : [], {
        dues,
        reason: "the run before it was still open",
        blockedBy: first,
      });
    case "queue-all": {
      const waiting = open.filter(({ waits }) => waits).length;
      const room = Math.max(0, maxQueued - waiting) + (first === undefined ? 1 : 0);
      const reason = `${maxQueued} runs waited already`;
      return keeping(dues.slice(0, room), { dues, reason, blockedBy: first });
    }
    case "queue-one":
      return queueOne(dues, open);
    case "cancel-running": {
      const reason = "a later due time was run in its place";
      const cancels = dues.length === 0 ? [] : open.map(({ id }) => id);
      return { ...keeping(dues.slice(-1), { dues, reason, blockedBy: undefined }), cancels };
    }
  }
}

/** One goes on and one waits: of those that would have to wait, the latest. */
function queueOne(dues: readonly Instant[], open: readonly OpenRun[]): OverlapAnswer {
  const [first, ...others] = dues;
  const isFree = open.length === 0 && first !== undefined;
  const waiting = (isFree ? others : dues).slice(-1);
  const births = isFree ? [first, ...waiting] : waiting;
  const reason = "a later due time waits in its place";
  const replaced = waiting.length === 0 ? [] : open.filter(({ waits }) => waits);
  return {
    ...keeping(births, { dues, reason, blockedBy: open[0]?.id }),
    cancels: replaced.map(({ id }) => id),
  };
}

function keeping(
  births: readonly Instant[],
  {
    dues,
    reason,
    blockedBy,
  }: {
    readonly dues: readonly Instant[];
    readonly reason: string;
    readonly blockedBy: RunId | undefined;
  },
): OverlapAnswer {
  const skipped = dues
    .filter((due) => !births.includes(due))
    .map((dueAt) => ({ dueAt, reason, ...(blockedBy === undefined ? {} : { blockedBy }) }));
  return { births, skipped, cancels: [] };
}
