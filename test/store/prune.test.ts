import { expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { Run } from "../../src/domain/run.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { Store } from "../../src/store/open-store.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import { aFlow, aGeneration, aHook } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";

async function ended(store: Store, when: number): Promise<Run> {
  const run = aRun(store);
  const submit = advance(run, { type: "submit" }, NOON);
  const start = advance(submit.after, { type: "start" }, NOON);
  const end = advance(start.after, { type: "succeed" }, at(when));
  await Promise.all(
    [{ before: undefined, after: run }, submit, start, end].map((step) => store.saveRunStep(step)),
  );
  store.saveLogLines({
    runNo: run.no,
    attempt: 1,
    lines: [{ at: NOON, level: "info", text: "x" }],
  });
  return end.after;
}

function rows(store: Store): Readonly<Record<string, number>> {
  const tables = ["run", "transition", "log", "delivery", "task_run", "delivery_attempt"];
  return Object.fromEntries(
    tables.map((table) => [
      table,
      store.reader.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)[0]?.n ?? -1,
    ]),
  );
}

test("old runs go with all that belongs to them; young, open and undelivered ones stay", async () => {
  const store = temporaryStore();
  const old = await ended(store, 1_000);
  const young = await ended(store, 60_000);
  const open = aRun(store);
  await store.saveRunStep({ before: undefined, after: open });
  store.useHooks(hookBook(aGeneration([aFlow({ hooks: [aHook("notify")] })]).manifest));
  const undelivered = await ended(store, 1_000);

  const gone = await store.write((connection) => pruneEnded(connection, at(30_000), 100));

  expect(gone.runs.map(({ state }) => state)).toEqual(["COMPLETED"]);
  expect(gone.deliveries).toEqual([]);
  const history = historyOf(store.reader);
  expect(await history.findRun(old.id)).toBeUndefined();
  for (const kept of [young, open, undelivered])
    expect(await history.findRun(kept.id)).toMatchObject({ id: kept.id });
  expect(rows(store)).toEqual({
    run: 3,
    transition: 9,
    log: 2,
    delivery: 1,
    task_run: 0,
    delivery_attempt: 0,
  });
});

test("no more than the limit goes at once, oldest first", async () => {
  const store = temporaryStore();
  const runs = [await ended(store, 3_000), await ended(store, 1_000), await ended(store, 2_000)];

  const gone = await store.write((connection) => pruneEnded(connection, at(30_000), 2));

  expect(gone.runs).toHaveLength(2);

  const left = await historyOf(store.reader).listRuns({ limit: 10 });
  expect(left.map(({ id }) => id)).toEqual([runs[0]?.id as never]);
});
