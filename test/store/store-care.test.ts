import { expect, test } from "bun:test";
import { advance, fits } from "../../src/domain/advance.ts";
import { instant } from "../../src/domain/instant.ts";
import { STATE_TYPES, type StateType } from "../../src/domain/state.ts";
import { checkStore } from "../../src/store/care-check.ts";
import { TYPES_AFTER } from "../../src/store/care-invariants.ts";
import type { Connection } from "../../src/store/connection.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import { aRun as aSubject, SIGNALS, STATES } from "../domain/subjects.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";

test("a check lets exactly those states follow each other that advance() lets", () => {
  const arrows = new Set<string>();
  for (const state of Object.values(STATES)) {
    for (const attempt of [0, 1]) {
      const run = aSubject({ state, attempt });
      for (const signal of Object.values(SIGNALS).filter((one) => fits(run, one, NOON))) {
        arrows.add(`${state.type} ${advance(run, signal, NOON).after.state.type}`);
      }
    }
  }

  const drawn = STATE_TYPES.flatMap((from: StateType) =>
    TYPES_AFTER[from].map((to) => `${from} ${to}`),
  );
  expect(drawn.toSorted()).toEqual([...arrows].toSorted());
});

test("a store in which runs stand in every state is sound", async () => {
  const store = temporaryStore();
  const step = async (run: ReturnType<typeof aRun>, ...types: (keyof typeof SIGNALS)[]) => {
    let current = run;
    await store.saveRunStep({ before: undefined, after: current });
    for (const type of types) {
      const transition = advance(current, SIGNALS[type], at(1));
      expect(await store.saveRunStep(transition)).toBe("saved");
      current = transition.after;
    }
  };
  await step(aRun(store));
  await step(aRun(store), "submit", "start");
  await step(aRun(store), "submit", "start", "retry", "submit", "start", "fail");
  await step(aRun(store), "submit", "start", "pause");
  await step(aRun(store), "submit", "start", "succeed", "rerun", "submit", "start", "crash");
  await step(aRun(store), "cancel");
  await store.saved();

  const { ok, faults, runs } = checkStore(store.reader);

  expect([ok, faults, runs]).toEqual([true, [], 6]);
  await store.close(at(9));
});

test("deleting old runs finds them by when they ended: it does not read all that are over", () => {
  const store = temporaryStore();
  const plans: string[] = [];
  const told = (connection: Connection): Connection => ({
    path: connection.path,
    transaction: (body) => connection.transaction(body),
    script: (sql) => connection.script(sql),
    run: (sql, parameters) => connection.run(sql, parameters),
    runOne: (sql, parameters) => connection.runOne(sql, parameters),
    close: () => undefined,
    all(sql, parameters) {
      const plan = store.reader.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
      if (sql.includes("FROM run")) plans.push(plan.map(({ detail }) => detail).join("; "));
      return connection.all(sql, parameters);
    },
  });

  void store.write((connection) => pruneEnded(told(connection), instant(NOON), 10));

  expect(plans).toHaveLength(1);
  expect(plans[0]).toContain("USING INDEX run_ended");
  expect(plans[0]).not.toContain("TEMP B-TREE");
  void store.close(at(9));
});
