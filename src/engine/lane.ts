import type { Instant } from "../domain/instant.ts";

/** Deliveries of one hook that are under way at once: a receiver that is down holds up only its own. */
export const LANE_WIDTH = 64;

/** One hook's deliveries: what is under way, and whether more wait. */
export interface Lane {
  readonly hookNo: number;
  /** Delivery numbers. */
  readonly inFlight: Set<number>;
  /** Deliveries that are rung with nothing beside them: each was in a thread that died. */
  readonly alone: Set<number>;
  /** Whether deliveries may be due that have not been read. */
  hasMore: boolean;
  /** When the first of those that wait for another attempt is due, if any does. */
  nextDueAt: Instant | undefined;
}

export function newLane(hookNo: number): Lane {
  return { hookNo, inFlight: new Set(), alone: new Set(), hasMore: false, nextDueAt: undefined };
}

/** Whether the lane has something to do at `now` and room to do it. */
export function isReady(lane: Lane, now: Instant): boolean {
  const waits = lane.hasMore || (lane.nextDueAt !== undefined && lane.nextDueAt <= now);
  return waits && lane.inFlight.size < LANE_WIDTH;
}

/** Notes that a delivery of the lane will be due. */
export function expect(lane: Lane, dueAt: Instant): void {
  if (lane.nextDueAt === undefined || dueAt < lane.nextDueAt) lane.nextDueAt = dueAt;
}
