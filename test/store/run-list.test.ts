import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { advance } from "../../src/domain/advance.ts";
import type { Store } from "../../src/store/open-store.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import type { RunQuery } from "../../src/store/run-history.ts";
import { listRuns } from "../../src/store/run-list.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";
import { explained } from "./support/many-deliveries.ts";

const COUNT = 20_000;
const SECOND = 1_000;

/** A run each second: some flows are frequent and some rare, and so are states and tags. */
function rowOf(no: number) {
  const at = NOON + no * SECOND;
  const time = at.toString(16).padStart(12, "0");
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${no.toString(16).padStart(12, "0")}`;
  const parent = no % 6_000 === 0 ? "some-parent" : null;
  return {
    no,
    id,
    name: `name-${no}`,
    flow: flowOf(no),
    ...stateOf(no),
    at,
    tags: tagsOf(no),
    parent,
  };
}

function flowOf(no: number): string {
  return no % 4_000 === 0 ? "yearly" : no % 3 === 0 ? "hourly" : `flow-${no % 20}`;
}

function stateOf(no: number) {
  const state = no % 5_000 === 0 ? "CRASHED" : no % 50 === 0 ? "FAILED" : "COMPLETED";
  const isTimeout = no % 1_000 === 0 && state === "FAILED";
  return { state, stateName: isTimeout ? "TimedOut" : STATE_NAME[state] };
}

function tagsOf(no: number): readonly string[] {
  return [...(no % 2 === 0 ? ["prod"] : []), ...(no % 7_000 === 0 ? ["odd", "rare"] : [])];
}

const STATE_NAME = { COMPLETED: "Completed", FAILED: "Failed", CRASHED: "Crashed" } as const;
const ROWS = Array.from({ length: COUNT }, (_, index) => rowOf(index + 1));

const store = await filled();

async function filled(): Promise<Store> {
  const store = temporaryStore();
  await store.write((connection) => {
    connection.run(
      `INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
         parameters, tags, generation, priority, exclusive, created_at, parent_id)
       SELECT j.value->>'no', j.value->>'id', j.value->>'name', j.value->>'flow', 4, j.value->>'state', j.value->>'stateName', '',
         j.value->>'at', 1, 0, 0, '{}', j.value->'tags', 1, 0, 0, j.value->>'at', j.value->>'parent' FROM json_each(?) AS j`,
      [JSON.stringify(ROWS)],
    );
    connection.run(
      `INSERT INTO run_tag (tag, run_no) SELECT tag.value, j.value->>'no' FROM json_each(?) AS j, json_each(j.value->'tags') AS tag`,
      [JSON.stringify(ROWS)],
    );
  });
  return store;
}

/** What one look at every row says. */
function expected(query: RunQuery): readonly number[] {
  const fits = (has: readonly string[], filter: RunQuery["flows"] | RunQuery["states"]) => {
    const { include = [], exclude = [] } = filter ?? {};
    const isIn = include.length === 0 || has.some((one) => include.some((other) => other === one));
    return isIn && !has.some((one) => exclude.some((other) => other === one));
  };
  return ROWS.filter(
    (row) =>
      (query.before === undefined || row.no < query.before) &&
      (query.since === undefined || row.at >= query.since) &&
      (query.until === undefined || row.at < query.until) &&
      (query.parent === undefined || row.parent === query.parent) &&
      (query.text === undefined ||
        row.name.includes(query.text) ||
        row.flow.includes(query.text)) &&
      fits([row.flow], query.flows) &&
      fits([row.state, row.stateName], query.states) &&
      fits(row.tags, query.tags),
  )
    .map(({ no }) => no)
    .reverse()
    .slice(0, query.limit);
}

function filterOf<const Value extends string>(values: readonly Value[]) {
  const some = fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });
  return fc.record({ include: some, exclude: some });
}

const moment = fc.integer({ min: -100, max: COUNT + 100 }).map((no) => NOON + no * SECOND + 500);
const QUERIES: fc.Arbitrary<RunQuery> = fc.record(
  {
    flows: filterOf(["yearly", "hourly", "flow-1", "flow-2", "gone"]),
    states: filterOf(["COMPLETED", "FAILED", "CRASHED", "TimedOut", "Completed", "RUNNING"]),
    tags: filterOf(["prod", "odd", "rare", "none"]),
    text: fc.constantFrom("9", "name-1999", "year", "_", "nowhere"),
    parent: fc.constantFrom("some-parent", "nobody"),
    since: moment,
    until: moment,
    before: fc.integer({ min: 0, max: COUNT + 2 }),
    limit: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: ["limit"] },
);

describe("listRuns()", () => {
  test("answers what a look at every run would, whatever is asked", async () => {
    const property = fc.asyncProperty(QUERIES, async (query) => {
      const runs = await listRuns(store.reader, query);

      expect(runs.map(({ no }) => no)).toEqual([...expected(query)]);
    });

    await fc.assert(property, { numRuns: 400 });
  }, 60_000);

  test("lets others have their turn while it looks for what hardly any run is", async () => {
    let turns = 0;
    let isDone = false;
    const others = (async () => {
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        turns += 1;
      }
    })();

    const runs = await listRuns(store.reader, { text: "nowhere", limit: 10 });
    isDone = true;
    await others;

    expect(runs).toEqual([]);
    expect(turns).toBeGreaterThan(2);
  });

  test("follows an index and sorts nothing, whichever of its filters is used", async () => {
    const none = { exclude: [] };
    const queries: readonly RunQuery[] = [
      { limit: 50 },
      { flows: { include: ["hourly", "flow-1"], ...none }, limit: 50 },
      { states: { include: ["FAILED", "CRASHED"], ...none }, limit: 50 },
      { states: { include: ["TimedOut"], ...none }, limit: 50 },
      { states: { include: [], exclude: ["COMPLETED"] }, limit: 50 },
      { tags: { include: ["rare"], ...none }, limit: 50 },
      { parent: "some-parent", limit: 50 },
      { since: NOON + 19_000 * SECOND, until: NOON + 19_500 * SECOND, limit: 50 },
    ];

    for (const query of queries) {
      const { reader, plans } = explained(store.reader);
      await listRuns(reader, query);

      expect(plans.filter((step) => step.includes("TEMP B-TREE"))).toEqual([]);
      expect(plans.filter((step) => /^SCAN run\b/.test(step))).toEqual([]);
    }
  });
});

test("what tags a run has is written down where it is born, and goes with it", async () => {
  const own = temporaryStore();
  const tagged = () =>
    own.reader
      .all<{ tag: string; run_no: number }>("SELECT tag, run_no FROM run_tag ORDER BY run_no, tag")
      .map(({ tag, run_no }) => `${tag} ${run_no}`);
  const ending = (tags: readonly string[]) => {
    const run = aRun(own, { tags });
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(start.after, { type: "succeed" }, NOON);
    return [{ before: undefined, after: run }, submit, start, end];
  };
  const first = ending(["prod", "db", "prod"]);
  const [birth, ...rest] = ending(["prod"]);

  await Promise.all([...first, ...ending([])].map((step) => own.saveRunStep(step)));
  if (birth !== undefined) {
    await own.saveDues({ births: [birth], decisions: [], cursors: [] });
    // The same once more is refused.
    await own.saveRunStep({ ...birth, after: { ...birth.after, no: 99, tags: ["again"] } });
  }

  expect(tagged()).toEqual(["db 1", "prod 1", "prod 2"]);
  expect(
    await listRuns(own.reader, { tags: { include: ["prod", "db"], exclude: [] }, limit: 5 }),
  ).toHaveLength(2);
  await Promise.all(rest.map((step) => own.saveRunStep(step)));
  await own.write((connection) => pruneEnded(connection, at(60_000), 100));
  expect(tagged()).toEqual([]);
});
