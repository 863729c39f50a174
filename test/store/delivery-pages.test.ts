import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DeliveryStatus } from "../../src/domain/delivery.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { Store } from "../../src/store/open-store.ts";
import { runOfRow } from "../../src/store/rows.ts";
import type { DeliveryEntry, DeliveryFilter, RunHistory } from "../../src/store/run-history.ts";
import type { RunTable } from "../../src/store/tables.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { explained, fillWithDeliveries, keyOf, STEP_MS } from "./support/many-deliveries.ts";

const COUNT = 45_000;
const store: Store = temporaryStore();
const history = historyOf(store.reader, store.tally);

interface Row {
  readonly id: string;
  readonly hook: string;
  readonly status: DeliveryStatus;
  readonly run_no: number | null;
  readonly flow: string;
  readonly moment: string;
  readonly created_at: number;
}
let all: readonly Row[] = [];

beforeAll(() => {
  fillWithDeliveries(store, COUNT);
  all = store.reader.all<Row>(
    `SELECT d.id, h.key AS hook, d.status, d.run_no, coalesce(r.flow, c.flow) AS flow, d.moment, d.created_at
     FROM delivery d JOIN hook h ON h.no = d.hook_no LEFT JOIN run r ON r.no = d.run_no
     LEFT JOIN decision c ON c.no = d.decision_no ORDER BY d.no DESC`,
  );
});

afterAll(() => store.close(NOON));

function runWithNumber(no: number) {
  const [row] = store.reader.all<RunTable>("SELECT * FROM run WHERE no = ?", [no]);
  if (row === undefined) throw new Error(`there is no run ${no}`);
  return runOfRow(row);
}

const AT = (seconds: number) => NOON + seconds * STEP_MS;

const FILTERS: Readonly<Record<string, () => DeliveryFilter>> = {
  "no filter": () => ({}),
  "a status": () => ({ statuses: ["dead"] }),
  "several statuses": () => ({ statuses: ["dead", "retrying", "dropped"] }),
  "delivered ones": () => ({ statuses: ["delivered"] }),
  "pending ones": () => ({ statuses: ["pending"] }),
  "a hook": () => ({ hooks: [keyOf(5)] }),
  "several hooks": () => ({ hooks: [keyOf(5), keyOf(2)] }),
  "a hook and a status": () => ({ hooks: [keyOf(2)], statuses: ["dead"] }),
  "a rare hook and a status": () => ({ hooks: [keyOf(5)], statuses: ["dead", "delivered"] }),
  "a run": () => ({ run: runWithNumber(1_001) }),
  "a run and a status that it has not": () => ({
    run: runWithNumber(1_001),
    statuses: ["pending"],
  }),
  "a run and a hook": () => ({ run: runWithNumber(1_001), hooks: [keyOf(2)] }),
  "a flow": () => ({ flow: "flow-7" }),
  "a flow and a status": () => ({ flow: "flow-1", statuses: ["dead", "pending"] }),
  "a flow that is not there": () => ({ flow: "nowhere" }),
  "a moment": () => ({ moment: "onSkipped" }),
  "a time range": () => ({ since: AT(20_000), until: AT(20_100) }),
  "a time range and a status": () => ({ since: AT(10_000), until: AT(30_000), statuses: ["dead"] }),
  "a time range and a hook": () => ({ since: AT(44_000), hooks: [keyOf(3)] }),
  "a time before everything": () => ({ until: NOON }),
  "a time after everything": () => ({ since: AT(COUNT + 1) }),
  "everything at once": () => ({
    ...{ since: AT(1), until: AT(40_000), hooks: [keyOf(2)], statuses: ["dead"] },
    ...{ flow: "flow-1", moment: "onFailure" },
  }),
};

async function everyPage(of: RunHistory, filter: DeliveryFilter, limit: number) {
  const found: DeliveryEntry[] = [];
  let cursor: number | undefined;
  do {
    const page = await of.pageDeliveries({
      ...filter,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && found.length < 3_000);
  return found;
}

function fits(
  row: Row,
  { statuses, hooks, run, flow, moment, since, until }: DeliveryFilter,
): boolean {
  return [
    statuses?.includes(row.status),
    hooks?.includes(row.hook),
    run && run.no === row.run_no,
    flow && flow === row.flow,
    moment && moment === row.moment,
    since && row.created_at >= since,
    until && row.created_at < until,
  ].every((test) => test !== false);
}

describe("the pages of deliveries", () => {
  test.each(Object.entries(FILTERS))(
    "by %s hold each one once, newest first",
    async (_, filter) => {
      const wanted = all.filter((row) => fits(row, filter())).map(({ id }) => id);

      const found = (await everyPage(history, filter(), 200)).map(({ id }) => id);

      expect(found).toEqual(wanted.slice(0, found.length));
      expect(found.length).toBe(Math.min(wanted.length, Math.max(found.length, 3_000)));
    },
  );

  test.each(Object.entries(FILTERS))(
    "by %s are read without a scan of all of them",
    async (_, filter) => {
      const { reader, plans } = explained(store.reader);

      await historyOf(reader, store.tally).pageDeliveries({
        ...filter(),
        limit: 50,
        cursor: 44_000,
      });

      const scans = plans.filter((plan) => /^SCAN/.test(plan) && !HARMLESS.test(plan));
      expect(scans).toEqual([]);
      const isOfWaiting = plans.some((plan) => plan.includes("delivery_due"));
      expect(plans.some((plan) => plan.includes("B-TREE"))).toBe(isOfWaiting);
    },
  );

  test("by several statuses and one hook page in small steps without a gap", async () => {
    const filter: DeliveryFilter = { hooks: [keyOf(2), keyOf(4)], statuses: ["dead", "retrying"] };

    const found = await everyPage(history, filter, 7);

    expect(found.map(({ id }) => id)).toEqual(
      all.filter((row) => fits(row, filter)).map(({ id }) => id),
    );
  });
});

/**
 * `w` and subqueries are windows of an index with a limit, `j` and `json_each` lists that were given; those that
 * wait are few, and sorted.
 */
const HARMLESS = /^SCAN (?:w$|j |json_each|\(subquery|d USING (?:COVERING )?INDEX delivery_due)/;

test("decisions are paged newest first, by flow and kind, without a scan of all of them", async () => {
  const { reader, plans } = explained(store.reader);
  const history = historyOf(reader, store.tally);

  const first = await history.pageDecisions({ flow: "flow-3", kind: "missed", limit: 5 });
  const second = await history.pageDecisions({
    flow: "flow-3",
    kind: "missed",
    limit: 5,
    cursor: first.next ?? 0,
  });
  const none = await history.pageDecisions({ flow: "nowhere", limit: 5 });

  expect([...first.items, ...second.items].map(({ flow, kind }) => `${flow} ${kind}`)).toEqual(
    Array.from({ length: 10 }, () => "flow-3 missed"),
  );
  const times = [...first.items, ...second.items].map(({ decidedAt }) => decidedAt);
  expect(times).toEqual(times.toSorted().reverse());
  expect([none.items, none.next]).toEqual([[], COUNT - 20_000 + 1]);
  expect(plans.filter((plan) => /^SCAN (?!w$|\(subquery)/.test(plan))).toEqual([]);
});

test("a delivery is found by its id and by as much of it as is its own", async () => {
  const [row] = all;
  const id = row?.id ?? "";

  expect(await history.findDelivery(id)).toMatchObject({ id });
  expect(await history.findDelivery(id.slice(0, 13))).toMatchObject({ id });
  expect(await history.findDelivery(id.slice(0, 6))).toBe("ambiguous");
  expect(await history.findDelivery(id.slice(0, 5))).toBeUndefined();
  expect(await history.findDelivery("no-id-at-all")).toBeUndefined();
});

test("hooks are told by what they have, what waits and what became of the last ones", async () => {
  const records = await history.hookRecords();

  expect(records.map(({ key }) => key).toSorted()).toEqual([1, 2, 3, 4, 5].map(keyOf));
  const fourth = records.find(({ key }) => key === keyOf(4));
  expect(fourth?.deliveries).toEqual({ delivered: COUNT / 4 - 45, retrying: 45 });
  expect(fourth).toMatchObject({ lastDeliveredAt: NOON, oldestDueAt: NOON });
});
