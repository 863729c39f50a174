import { describe, expect, test } from "bun:test";
import { historyOf } from "../../src/store/history-of.ts";
import type { Store } from "../../src/store/open-store.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { explained } from "./support/many-deliveries.ts";

const MINUTE_MS = 60_000;
const AT = `(${NOON} + i * ${MINUTE_MS})`;

/** A run each minute, of two flows in turn; every tenth failed. */
function storeWithRuns(count: number): Store {
  const store = temporaryStore();
  void store.write((connection) => {
    connection.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
         parameters, tags, generation, priority, exclusive, created_at, started_at, ended_at)
       SELECT i, printf('%08x-%04x-7000-8000-%012x', ${AT} >> 16, ${AT} & 65535, i), 'run-' || i, 'flow-' || (i % 2), 1,
         CASE WHEN i % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 'Failed', '', ${NOON}, 1, 0, 0, '{}', '[]', 1, 0, 0,
         ${AT}, ${AT}, ${AT} + 250 FROM n`,
      [count],
    );
  });
  return store;
}

describe("the newest runs of a flow", () => {
  test("are answered newest first, with what a chart needs", async () => {
    const history = historyOf(storeWithRuns(100).reader);

    const runs = await history.recentRuns("flow-0", 2);

    expect(runs).toEqual([
      { id: expect.stringMatching(/064$/), state: "FAILED", at: iso(100), tookMs: 250 },
      { id: expect.stringMatching(/062$/), state: "COMPLETED", at: iso(98), tookMs: 250 },
    ]);
  });

  test("tell of one that is open again that it is open, not how long it took before", async () => {
    const store = storeWithRuns(2);
    await store.write((connection) =>
      connection.run(
        "UPDATE run SET state_type = 'RUNNING', state_name = 'Rerunning' WHERE no = 2",
      ),
    );

    expect(await historyOf(store.reader).recentRuns("flow-0", 1)).toEqual([
      { id: expect.any(String), state: "RUNNING", at: iso(2), tookMs: 0, open: true },
    ]);
  });

  test("are counted by how they ended, in bins", async () => {
    const history = historyOf(storeWithRuns(100).reader);

    const outcomes = await history.outcomes("flow-0", {
      ...{ since: NOON + 60 * MINUTE_MS, everyMs: 20 * MINUTE_MS, runsMax: 1_000 },
    });

    expect(outcomes).toEqual({
      flow: "flow-0",
      bins: [
        { at: iso(60), runs: { COMPLETED: 8, FAILED: 2 } },
        { at: iso(80), runs: { COMPLETED: 8, FAILED: 2 } },
        { at: iso(100), runs: { FAILED: 1 } },
      ],
    });
  });

  test("say from when on they were counted where there are too many", async () => {
    const history = historyOf(storeWithRuns(100).reader);
    const query = { since: NOON, everyMs: 60 * MINUTE_MS, runsMax: 10 };

    const { bins, countedFrom } = await history.outcomes("flow-0", query);

    expect(countedFrom).toBe(iso(80));
    expect(bins).toEqual([{ at: iso(60), runs: { COMPLETED: 8, FAILED: 2 } }]);
  });

  test("are known of each flow, however many runs it has", async () => {
    const latest = await historyOf(storeWithRuns(100).reader).latestRuns();

    expect([...latest].map(([flow, { name }]) => [flow, name])).toEqual([
      ["flow-0", "run-100"],
      ["flow-1", "run-99"],
    ]);
  });

  test("are none of a store without runs", async () => {
    const latest = await historyOf(temporaryStore().reader).latestRuns();

    expect(latest.size).toBe(0);
  });

  test("are found by an index: no other flow's runs are looked at, and nothing is sorted", async () => {
    const { reader, plans } = explained(storeWithRuns(10).reader);
    const history = historyOf(reader);

    await history.recentRuns("flow-0", 40);
    await history.latestRuns();
    await history.outcomes("flow-0", { since: NOON, everyMs: MINUTE_MS, runsMax: 1_000 });

    const looks = plans.filter((plan) => /\brun\b/.test(plan));
    expect(looks.length).toBeGreaterThan(2);
    for (const plan of looks)
      expect(plan).toMatch(
        /run_by_flow( \(flow[=>]\?( AND no>\?)?\))?$|PRIMARY KEY \(rowid=\?\)|autoindex_run_1 \(id>\?\)/,
      );
  });
});

function iso(minutes: number): string {
  return new Date(NOON + minutes * MINUTE_MS).toISOString();
}
