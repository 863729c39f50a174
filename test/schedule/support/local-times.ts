/*
 * When a pattern is due, found out by walking its local times day by day with Temporal: neither our code nor
 * croner has a part in it.
 */

/** The local times that a pattern names; days, months and weekdays are all of them where they are absent. */
export interface LocalTimes {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds?: readonly number[];
  readonly days?: readonly number[];
  readonly months?: readonly number[];
  /** Sunday is 0. */
  readonly weekdays?: readonly number[];
}

/** What becomes of local times in a gap, and of those that there are twice. */
export type Rule = "once" | "skip" | "both-passes";

export interface Expected {
  readonly at: number;
  readonly dst?: "moved" | "merged" | "repeated";
  readonly standsFor?: readonly string[];
}

export interface Stretch {
  readonly zone: string;
  /** UTC, from midnight to midnight; due times at its very ends count. */
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;

/** All due times in a stretch of time, oldest first. */
export function expectedDues(
  times: LocalTimes,
  rule: Rule,
  { zone, from, to }: Stretch,
): readonly Expected[] {
  const offsets = dailyOffsets(zone, from - 4 * DAY_MS, to + 4 * DAY_MS);
  const due = new Map<number, Found[]>();
  for (let day = from - 2 * DAY_MS; day <= to + 2 * DAY_MS; day += DAY_MS) {
    if (!isNamed(times, day)) continue;
    const quiet = quietOffset(offsets, day);
    const walls = wallsOf(times, day);
    const found =
      quiet === undefined
        ? walls.flatMap((wall) => mapped(wall, zone, rule))
        : walls.map((wall) => ({ at: wall - quiet, wall }));
    for (const one of found) due.set(one.at, [...(due.get(one.at) ?? []), one]);
  }
  return [...due]
    .filter(([at]) => at >= from && at <= to)
    .sort(([one], [other]) => one - other)
    .map(([at, found]) => ({ at, ...markOf(found) }));
}

interface Found {
  readonly at: number;
  readonly wall: number;
  readonly how?: "moved" | "repeated";
}

/** The zone's offset at each midnight of UTC. */
function dailyOffsets(zone: string, from: number, to: number): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  for (let day = from; day <= to; day += DAY_MS) offsets.set(day, offsetAt(zone, day));
  return offsets;
}

/** The offset of a day around which the clock is left alone. */
function quietOffset(offsets: ReadonlyMap<number, number>, day: number): number | undefined {
  const around = [-2, -1, 0, 1, 2, 3].map((days) => offsets.get(day + days * DAY_MS));
  return new Set(around).size === 1 ? around[0] : undefined;
}

function isNamed({ days, months, weekdays }: LocalTimes, day: number): boolean {
  const date = new Date(day);
  return (
    (days?.includes(date.getUTCDate()) ?? true) &&
    (months?.includes(date.getUTCMonth() + 1) ?? true) &&
    (weekdays?.includes(date.getUTCDay()) ?? true)
  );
}

function wallsOf({ hours, minutes, seconds = [0] }: LocalTimes, day: number): readonly number[] {
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) =>
      seconds.map((second) => day + ((hour * 60 + minute) * 60 + second) * 1_000),
    ),
  );
}

function mapped(wall: number, zone: string, rule: Rule): readonly Found[] {
  const local = Temporal.PlainDateTime.from(textOf(wall));
  const [early, late] = (["earlier", "later"] as const).map((disambiguation) =>
    local.toZonedDateTime(zone, { disambiguation }),
  );
  if (early === undefined || late === undefined) throw new Error("Temporal answered nothing");
  const at = early.epochMilliseconds;
  if (at === late.epochMilliseconds) return [{ at, wall }];
  if (early.toPlainDateTime().equals(local)) {
    const first = { at, wall };
    if (rule !== "both-passes") return [first];
    return [first, { at: late.epochMilliseconds, wall, how: "repeated" }];
  }
  if (rule !== "once") return [];
  return [{ at: firstAfterGap(zone, at, late.epochMilliseconds), wall, how: "moved" }];
}

/** The first instant with the new offset, between one before the change and one after it. */
function firstAfterGap(zone: string, before: number, after: number): number {
  const offset = offsetAt(zone, before);
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function markOf(found: readonly Found[]): Omit<Expected, "at"> {
  if (found.some(({ how }) => how === "repeated")) return { dst: "repeated" };
  if (!found.some(({ how }) => how === "moved")) return {};
  const standsFor = found.map(({ wall }) => textOf(wall)).sort();
  return { dst: standsFor.length === 1 ? "moved" : "merged", standsFor };
}

function offsetAt(zone: string, at: number): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return zoned.offsetNanoseconds / 1_000_000;
}

function textOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19);
}
