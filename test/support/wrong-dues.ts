import type { FlowSpec } from "../../src/domain/flow.ts";
import { type Instant, isoOf } from "../../src/domain/instant.ts";
import { duesBetween } from "../../src/schedule/due-times.ts";
import type { Store } from "../../src/store/open-store.ts";

interface Rest {
  readonly flow: string;
  readonly since: Instant;
  readonly until: Instant;
}

/** Due times with other than one run or one decision; those of a rest have none. Runs of backfills do not count. */
export function wrongDues(
  { reader }: Pick<Store, "reader">,
  flows: readonly Pick<FlowSpec, "name" | "schedules">[],
  { from, now }: { readonly from: Instant; readonly now: Instant },
): readonly string[] {
  const dealt = new Map<string, number>();
  const rows = reader.all<{ name: string }>(
    `SELECT flow || ' ' || schedule_key || ' ' || scheduled_for AS name FROM run WHERE schedule_key IS NOT NULL AND backfill IS NULL
     UNION ALL SELECT flow || ' ' || schedule_key || ' ' || due_at FROM decision`,
  );
  for (const { name } of rows) dealt.set(name, (dealt.get(name) ?? 0) + 1);
  const rests = reader.all<Rest>(
    `SELECT flow, since, coalesce(until, ${now}) AS until FROM schedule_pause`,
  );
  const wrong = flows.flatMap(({ name, schedules }) =>
    schedules.flatMap(({ key, timing }) =>
      duesBetween(timing, { after: from, until: now, max: 100_000 }).flatMap((due) => {
        const rested = rests.some(
          (rest) => rest.flow === name && rest.since < due && due <= rest.until,
        );
        const count = dealt.get(`${name} ${key} ${due}`) ?? 0;
        dealt.delete(`${name} ${key} ${due}`);
        return count === (rested ? 0 : 1) ? [] : [`${key} ${isoOf(due)}: ${count}, ${rested}`];
      }),
    ),
  );
  return [...wrong, ...[...dealt.keys()].map((name) => `${name}: it was never due`)];
}
