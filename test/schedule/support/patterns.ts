import fc from "fast-check";
import type { LocalTimes, Stretch } from "./local-times.ts";

interface Pattern {
  readonly cron: string;
  readonly times: LocalTimes;
}

/** A year of any zone, and a pattern of which most have to do with a clock change in it. */
export interface Case extends Pattern {
  readonly year: Stretch;
}

/** Cases with patterns that name times of the day: as lists, so that none is due by elapsed time. */
export function fixedTimeCases(): fc.Arbitrary<Case> {
  return yearIn().chain((year) => {
    const changes = changesIn(year);
    const anywhere = timesOf(some(0, 23, 3), some(1, 31, 9));
    const near = changes.map((change) => timesNear(change));
    return fc
      .oneof(
        { weight: 1, arbitrary: anywhere },
        ...near.map((arbitrary) => ({ weight: 4, arbitrary })),
      )
      .map((times) => ({ year, times, cron: cronOf(times) }));
  });
}

/** The local times at which clocks are changed, before and after. */
function changesIn({ zone, from, to }: Stretch): readonly (readonly Temporal.PlainDateTime[])[] {
  const changes: Temporal.PlainDateTime[][] = [];
  const start = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  let change = start.getTimeZoneTransition("next");
  while (change !== null && change.epochMilliseconds < to) {
    const before = change.subtract({ nanoseconds: 1 });
    changes.push([before.toPlainDateTime(), change.toPlainDateTime()]);
    change = change.getTimeZoneTransition("next");
  }
  return changes;
}

function timesNear(change: readonly Temporal.PlainDateTime[]): fc.Arbitrary<LocalTimes> {
  const hours = change.flatMap(({ hour }) => [hour + 23, hour, hour + 1].map((one) => one % 24));
  const days = change.map(({ day }) => day);
  const some = (values: readonly number[]) =>
    fc.subarray([...new Set(values)].sort(ascending), { minLength: 1 });
  return timesOf(some(hours), some(days));
}

function timesOf(hours: fc.Arbitrary<number[]>, days: fc.Arbitrary<number[]>) {
  const required = { minutes: some(0, 59, 3), hours };
  const optional = {
    seconds: some(0, 59, 2),
    months: some(1, 12, 9),
    weekdays: some(0, 6, 5),
    days,
  };
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }), fc.boolean())
    .map(([times, more, isDaily]) => withoutAlternatives(isDaily ? times : { ...times, ...more }));
}

/** A year of any zone that the platform knows. */
function yearIn(): fc.Arbitrary<Stretch> {
  const zone = fc.constantFrom("UTC", ...Intl.supportedValuesOf("timeZone"));
  return fc.record({ zone, year: fc.integer({ min: 1970, max: 2060 }) }).map(({ zone, year }) => ({
    zone,
    from: Date.UTC(year, 0, 1),
    to: Date.UTC(year + 1, 0, 1),
  }));
}

function some(min: number, max: number, maxLength: number): fc.Arbitrary<number[]> {
  return fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength })
    .map((values) => values.sort(ascending));
}

function ascending(one: number, other: number): number {
  return one - other;
}

/** Days and weekdays would be alternatives: days are named by one of them. */
function withoutAlternatives({ days, ...times }: LocalTimes): LocalTimes {
  return days === undefined || times.weekdays !== undefined ? times : { ...times, days };
}

function cronOf({ seconds, minutes, hours, days, months, weekdays }: LocalTimes): string {
  const fields = [minutes, hours, days, months, weekdays].map((list) => list?.join(",") ?? "*");
  return [...(seconds === undefined ? [] : [seconds.join(",")]), ...fields].join(" ");
}
