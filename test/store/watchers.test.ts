import { expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { StoreWatcher } from "../../src/store/watchers.ts";
import { aRun, NOON, temporaryStore } from "../support/stores.ts";

test("watchers are told of what was committed, and one that fails changes nothing", async () => {
  const store = temporaryStore();
  const told: string[] = [];
  const failing: StoreWatcher = {
    runMoved: () => {
      throw new Error("cannot count");
    },
    committed: () => {
      throw new Error("cannot count");
    },
  };
  store.watch(failing);
  store.watch({
    runMoved: ({ before, after }) => told.push(`${before?.state.type} ${after.state.type}`),
    committed: (ms) => told.push(ms > 0 ? "commit" : "none"),
  });

  const after = aRun(store);
  const first = await store.saveRunStep({ before: undefined, after });
  const submit = advance(after, { type: "submit" }, NOON);
  const moves = await Promise.all([store.saveRunStep(submit), store.saveRunStep(submit)]);

  expect([first, ...moves]).toEqual(["saved", "saved", "stale"]);
  expect(told).toEqual(["commit", "undefined SCHEDULED", "commit", "SCHEDULED PENDING"]);
  expect(store.tally.read(store.reader).runs).toEqual({ PENDING: 1 });
  await store.close(NOON);
});
