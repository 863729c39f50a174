import type { Connection } from "../../../src/store/connection.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { NOON } from "../../support/stores.ts";

const HOOKS = 5;
const FLOWS = 40;
/** A delivery each second. */
export const STEP_MS = 1_000;

/**
 * Fills a store with deliveries, each of a run of its own, the seventh of a decision; most are delivered, the
 * last hook has but a few.
 */
export function fillWithDeliveries(store: Store, count: number): void {
  void store.write((connection) => {
    for (let no = 1; no <= HOOKS; no += 1) {
      connection.run("INSERT INTO hook (no, key) VALUES (?, ?)", [no, keyOf(no)]);
    }
    for (const statement of [RUNS, TRANSITIONS, DECISIONS, DELIVERIES]) {
      connection.run(statement, statement === TRANSITIONS ? [] : [count]);
    }
  });
  store.tally.forget();
}

export function keyOf(no: number): string {
  return `flow:flow-${no}/onFailure/hook-${no}`;
}

const COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
const AT = `(${NOON} + i * ${STEP_MS})`;

const RUNS = `${COUNTED}
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
    parameters, tags, generation, priority, exclusive, created_at)
  SELECT i, 'run-' || i, 'run-' || i, 'flow-' || (i % ${FLOWS}), 1, 'FAILED', 'Failed', '', ${AT}, 1, 1, 0, '{}', '[]', 1, 0, 0,
    ${AT} FROM n`;

const TRANSITIONS = `
  INSERT INTO transition (seq, run_no, attempt, type, name, message, at)
  SELECT no, no, 1, 'FAILED', 'Failed', '', state_at FROM run`;

const DECISIONS = `${COUNTED}
  INSERT INTO decision (no, flow, schedule_key, due_at, kind, reason, decided_at)
  SELECT i, 'flow-' || (i % ${FLOWS}), 'hourly', ${AT}, CASE WHEN i % 3 = 0 THEN 'missed' ELSE 'skipped' END, 'because', ${AT}
  FROM n`;

const DELIVERIES = `${COUNTED}
  INSERT INTO delivery (no, id, hook_no, seq, run_no, decision_no, moment, status, attempts, due_at, created_at, ended_at)
  SELECT i, printf('%08x-%04x-7000-8000-%012x', ${AT} >> 16, ${AT} & 65535, i),
    CASE WHEN i % 5000 = 0 THEN ${HOOKS} ELSE 1 + i % ${HOOKS - 1} END,
    CASE WHEN i % 7 = 0 THEN NULL ELSE i END, CASE WHEN i % 7 = 0 THEN NULL ELSE i END, CASE WHEN i % 7 = 0 THEN i END,
    CASE WHEN i % 7 = 0 THEN 'onSkipped' ELSE 'onFailure' END,
    CASE i % 1000 WHEN 1 THEN 'dead' WHEN 2 THEN 'dropped' WHEN 3 THEN 'retrying' WHEN 4 THEN 'pending' ELSE 'delivered' END,
    1, CASE WHEN i % 1000 IN (3, 4) THEN ${NOON} END, ${AT}, CASE WHEN i % 1000 IN (3, 4) THEN NULL ELSE ${NOON} END FROM n`;

/** The same connection, and every plan of what is read over it. */
export function explained(connection: Connection): {
  readonly reader: Connection;
  readonly plans: string[];
} {
  const plans: string[] = [];
  const reader: Connection = {
    path: connection.path,
    all(sql, parameters) {
      const steps = connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
      plans.push(...steps.map(({ detail }) => detail));
      return connection.all(sql, parameters);
    },
    run: (sql, parameters) => connection.run(sql, parameters),
    runOne: (sql, parameters) => connection.runOne(sql, parameters),
    script: (sql) => connection.script(sql),
    transaction: (body) => connection.transaction(body),
    close: () => connection.close(),
  };
  return { reader, plans };
}
