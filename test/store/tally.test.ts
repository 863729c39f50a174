import { expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { DELIVERY_STATUSES } from "../../src/domain/delivery.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Store } from "../../src/store/open-store.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import { createTally } from "../../src/store/tally.ts";
import { aFlow, aGeneration, aHook } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";
import { fillWithDeliveries } from "./support/many-deliveries.ts";

const SLOW = 60_000;

/** What the rows say, one by one. */
function byRows({ reader }: Store) {
  const rows = (sql: string) =>
    reader.all<{ name: string; count: number }>(sql).map(({ name, count }) => [name, count]);
  const none = DELIVERY_STATUSES.map((status) => [status, 0]);
  const deliveries = rows("SELECT status AS name, count(*) AS count FROM delivery GROUP BY 1");
  return {
    runs: Object.fromEntries(
      rows("SELECT state_type AS name, count(*) AS count FROM run GROUP BY 1"),
    ),
    deliveries: Object.fromEntries([...none, ...deliveries]),
  };
}

function stepsOf(run: Run) {
  const submit = advance(run, { type: "submit" }, NOON);
  const start = advance(submit.after, { type: "start" }, NOON);
  const end = advance(start.after, { type: "succeed" }, NOON);
  return [{ before: undefined, after: run }, submit, start, end];
}

test("deliveries are counted by indexes as they would be one by one, for each hook", () => {
  const store = temporaryStore();
  fillWithDeliveries(store, 30_000);

  expect(store.tally.read(store.reader)).toEqual(byRows(store));
  const found = store.reader.all<{ hook_no: number; status: string; count: number }>(
    "SELECT hook_no, status, count(*) AS count FROM delivery GROUP BY 1, 2",
  );
  for (const { hook_no, status, count } of found) {
    expect(store.tally.readHooks(store.reader).get(hook_no)).toMatchObject({ [status]: count });
  }
});

test(
  "what is saved while it is counted bit by bit is counted once",
  async () => {
    const store = temporaryStore();
    fillWithDeliveries(store, 60_000);
    store.useHooks(hookBook(aGeneration([aFlow({ hooks: [aHook("notify")] })]).manifest));

    const counting = store.tally.ready(store.reader);
    let isCounted = false;
    void counting.then(() => {
      isCounted = true;
    });
    while (!isCounted) {
      await Promise.all(stepsOf(aRun(store)).map((step) => store.saveRunStep(step)));
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(store.tally.read(store.reader)).toEqual(byRows(store));
  },
  SLOW,
);

test(
  "a count under way is brought to its end for whoever cannot wait",
  async () => {
    const store = temporaryStore();
    fillWithDeliveries(store, 60_000);

    const counting = store.tally.ready(store.reader);
    await Promise.all(stepsOf(aRun(store)).map((step) => store.saveRunStep(step)));

    expect(store.tally.read(store.reader)).toEqual(byRows(store));
    await counting;
    expect(store.tally.read(store.reader)).toEqual(byRows(store));
  },
  SLOW,
);

test("two who ask at once wait for the same count, also in a store with nothing in it", async () => {
  const store = temporaryStore();
  const tally = createTally();

  await Promise.all([tally.ready(store.reader), tally.ready(store.reader)]);

  expect(tally.read(store.reader)).toEqual(byRows(store));
});

test("what is deleted for its age is counted no longer", async () => {
  const store = temporaryStore();
  for (let runs = 0; runs < 5; runs += 1) {
    await Promise.all(stepsOf(aRun(store)).map((step) => store.saveRunStep(step)));
  }
  await store.saveRunStep({ before: undefined, after: aRun(store) });
  await store.tally.ready(store.reader);

  store.tally.gone(await store.write((connection) => pruneEnded(connection, at(60_000), 3)));

  expect(store.tally.read(store.reader).runs).toEqual({ SCHEDULED: 1, COMPLETED: 2 });
  expect(store.tally.read(store.reader)).toEqual(byRows(store));
});
