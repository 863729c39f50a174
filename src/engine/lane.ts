import type { Rung } from "../domain/delivery.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import { type Instant, later } from "../domain/instant.ts";

/** Deliveries of one hook that are under way at once: a receiver that is down holds up only its own. */
const LANE_WIDTH = 64;
/** The same for hooks that are over at once and talk to nobody: nothing waits for them, and batches are cheap. */
const LANE_WIDTH_INSIDE = 512;
const AT_ONCE_MS = 20;
/** Where a lane begins; each success doubles it. */
export const LANE_WIDTH_AT_FIRST = 16;
/** So many failures without a success between them, and the lane is down. */
const DOWN_AFTER = 8;
/** While it is down one delivery at a time is tried, after waits that double from the first to the last. */
const PROBE_MS = 1_000;
const PROBE_MS_MAX = 60_000;
/** A receiver that says when to come back holds up its own delivery for that long, and the lane up to this. */
const RETRY_AFTER_MS_MAX = 60_000;

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
  /** How many may be under way at once. */
  width: number;
  /** Attempts that failed since the last that succeeded. */
  failures: number;
  /** Nothing is rung before: its receiver is down, or it has been rung as often as it may be. */
  downUntil: Instant | undefined;
  fullUntil: Instant | undefined;
  /** When the first failure since the last success was, whatever has been reopened in between. */
  failingSince: Instant | undefined;
  lastDeliveredAt: Instant | undefined;
  lastFailure: { readonly at: Instant; readonly message: string } | undefined;
}

export function newLane(hookNo: number): Lane {
  return {
    hookNo,
    inFlight: new Set(),
    alone: new Set(),
    hasMore: false,
    nextDueAt: undefined,
    width: LANE_WIDTH_AT_FIRST,
    failures: 0,
    downUntil: undefined,
    fullUntil: undefined,
    failingSince: undefined,
    lastDeliveredAt: undefined,
    lastFailure: undefined,
  };
}

/** How a hook's lane stands, for people. */
export interface LaneView {
  readonly hookNo: number;
  readonly lastDeliveredAt?: Instant;
  readonly lastFailure?: { readonly at: Instant; readonly message: string };
  /** Set while the receiver does not answer: since when, and when it is tried next. */
  readonly down?: { readonly since: Instant; readonly nextTryAt?: Instant };
}

export function laneView(lane: Lane): LaneView {
  const { hookNo, lastDeliveredAt, lastFailure, failures, failingSince, downUntil } = lane;
  const isDown = failures >= DOWN_AFTER && failingSince !== undefined;
  const nextTryAt = downUntil === undefined ? {} : { nextTryAt: downUntil };
  return {
    hookNo,
    ...(lastDeliveredAt === undefined ? {} : { lastDeliveredAt }),
    ...(lastFailure === undefined ? {} : { lastFailure }),
    ...(isDown ? { down: { since: failingSince, ...nextTryAt } } : {}),
  };
}

/** Whether the lane has something to do at `now` and room to do it. */
export function isReady(lane: Lane, now: Instant): boolean {
  const at = wantsAt(lane, now);
  return at !== undefined && at <= now;
}

/** Whether the lane is not closed for a time. */
export function isOpen(lane: Lane, now: Instant): boolean {
  return opensAt(lane) <= now;
}

function opensAt({ downUntil, fullUntil }: Lane): number {
  return Math.max(downUntil ?? 0, fullUntil ?? 0);
}

/** When the lane has something to do; undefined while it has nothing, or no room for it. */
export function wantsAt(lane: Lane, now: Instant): Instant | undefined {
  if (lane.inFlight.size >= lane.width) return undefined;
  const due = lane.hasMore ? now : lane.nextDueAt;
  return due === undefined ? undefined : (Math.max(due, opensAt(lane)) as Instant);
}

/**
 * How many more of each lane may be rung. Each has its share of the room, those first that have least under way,
 * and the only one leaves half of it: a dead receiver must not take all the room from those to come.
 */
export function sharesOf(lanes: readonly Lane[], room: number): ReadonlyMap<Lane, number> {
  let left = room;
  const inOrder = lanes.toSorted((a, b) => a.inFlight.size - b.inFlight.size);
  return new Map(
    inOrder.map((lane, index) => {
      const fair = Math.ceil(left / Math.max(2, lanes.length - index));
      const share = Math.min(lane.width - lane.inFlight.size, fair);
      left -= share;
      return [lane, share];
    }),
  );
}

/** What a lane waits for that nothing else wakes up for: to open again, or its next retry. */
export function wakesAt(lane: Lane, now: Instant): Instant | undefined {
  if (!isOpen(lane, now)) return wantsAt(lane, now);
  return lane.inFlight.size < lane.width ? lane.nextDueAt : undefined;
}

/** Notes that a delivery of the lane will be due. */
export function expect(lane: Lane, dueAt: Instant): void {
  if (lane.nextDueAt === undefined || dueAt < lane.nextDueAt) lane.nextDueAt = dueAt;
}

/** The receiver is there: what waited for it comes in growing numbers, not all at once. */
export function noteSuccess(lane: Lane, attempt: Succeeded): void {
  lane.failures = 0;
  lane.downUntil = undefined;
  lane.failingSince = undefined;
  lane.width = Math.min(lane.width * 2, isInside(attempt) ? LANE_WIDTH_INSIDE : LANE_WIDTH);
}

/** What is known of an attempt that succeeded. */
type Succeeded = Pick<Rung, "startedAt" | "endedAt" | "exchanges">;

/** Whether it was over at once and talked to nobody outside. */
function isInside({ startedAt, endedAt, exchanges }: Succeeded): boolean {
  return exchanges === undefined && endedAt - startedAt <= AT_ONCE_MS;
}

interface FailedAttempt {
  readonly now: Instant;
  readonly chance: number;
  readonly error?: ErrorInfo;
  readonly retryAfterMs?: number;
}

/** A failed attempt. A lane with nothing but failures is tried one delivery at a time until one succeeds. */
export function noteFailure(
  lane: Lane,
  { now, chance, error, retryAfterMs = 0 }: FailedAttempt,
): void {
  lane.failures += 1;
  lane.failingSince ??= now;
  if (error !== undefined) lane.lastFailure = { at: now, message: error.message };
  let wait = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX);
  if (lane.failures >= DOWN_AFTER) {
    lane.width = 1;
    const doubled = PROBE_MS * 2 ** Math.min(lane.failures - DOWN_AFTER, 16);
    wait = Math.max(wait, Math.min(doubled, PROBE_MS_MAX) * (1 + chance / 5));
  }
  if (wait > 0)
    lane.downUntil = Math.max(lane.downUntil ?? 0, later(now, Math.round(wait))) as Instant;
}

/** Forgets what went wrong: the config is another one, or somebody has asked for deliveries again. */
export function reopen(lane: Lane): void {
  lane.failures = 0;
  lane.downUntil = undefined;
  lane.fullUntil = undefined;
  lane.width = Math.max(lane.width, LANE_WIDTH_AT_FIRST);
}
