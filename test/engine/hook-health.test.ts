import { expect, test } from "bun:test";
import { isoOf } from "../../src/domain/instant.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { hookRecordsOf, hookTroubles } from "../../src/hook-health.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aHook } from "../support/manifests.ts";
import { at, NOON } from "../support/stores.ts";
import { delivering, failed } from "./support/delivering.ts";

const DOWN_AFTER = 8;

/** A hook that fails as often as it takes for its lane to be down, and how it is told of. */
async function aDownHook() {
  const line = delivering([aHook("bell", { retryMs: [3_600_000] })]);
  const { store, deliver, clock } = line;
  for (let count = 0; count < DOWN_AFTER; count += 1) await line.endedRun();
  deliver.pass();
  clock.advance(1_000);
  for (let count = 0; count < DOWN_AFTER; count += 1) await line.answer(failed);
  const engine: Pick<Engine, "lanes"> = { lanes: () => deliver.lanes() };
  const records = () => hookRecordsOf(historyOf(store.reader, store.tally), { store, engine });
  return { ...line, records, troubles: () => hookTroubles({ store, engine }) };
}

test("a hook whose receiver does not answer is named, with since when and how many wait", async () => {
  const { troubles, records, clock } = await aDownHook();

  expect(troubles()).toEqual([
    {
      hook: "flow:report/onAnyEnd/bell",
      dead: 0,
      waiting: DOWN_AFTER,
      downSince: isoOf(at(1_000)),
      nextTryAt: isoOf(at(2_000)),
    },
  ]);
  expect(await records()).toEqual([
    {
      key: "flow:report/onAnyEnd/bell",
      deliveries: { retrying: DOWN_AFTER },
      oldestDueAt: at(1_000 + 3_600_000),
      lastFailure: { at: clock.now(), message: "HTTP 500" },
      down: { since: at(1_000), nextTryAt: at(2_000) },
    },
  ]);
});

test("a hook is out of trouble after the first success, and its last failure stays known", async () => {
  const { deliver, clock, endedRun, answer, troubles, records } = await aDownHook();
  clock.advance(60_000);
  await endedRun();
  deliver.pass();
  await answer({ type: "delivered" });

  expect(troubles()).toEqual([]);
  const [record] = await records();
  expect(record).toMatchObject({
    deliveries: { retrying: DOWN_AFTER, delivered: 1 },
    lastDeliveredAt: at(61_000),
    lastFailure: { at: at(1_000), message: "HTTP 500" },
  });
  expect(record?.down).toBeUndefined();
});

test("what was before the start is known from the store alone", async () => {
  const { store, records } = await aDownHook();
  const before = await records();

  const [record] = await historyOf(store.reader).hookRecords();

  expect(record?.lastFailure).toEqual(before[0]?.lastFailure);
  expect(record?.down).toBeUndefined();
  expect(NOON).toBeLessThan(record?.oldestDueAt ?? 0);
});
