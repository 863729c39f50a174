import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { FlowName, HookKey, ScheduleKey, SlotName } from "../../src/domain/ids.ts";
import { jsonText } from "../../src/domain/json.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { listDueNumbers, loadDeliveries } from "../../src/store/due-deliveries.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { listRunsById } from "../../src/store/open-runs.ts";
import type { Store } from "../../src/store/open-store.ts";
import { aGeneration } from "../support/manifests.ts";
import { aRun, NOON, temporaryStore } from "../support/stores.ts";

function openIn(store: Store): readonly string[] {
  return store.reader.all<{ id: string }>("SELECT id FROM run WHERE open = 1").map(({ id }) => id);
}

const birth = (run: Run) => ({ before: undefined, after: run });

describe("saving a step of a run", () => {
  test("keeps every field of the run and its transition", async () => {
    const store = temporaryStore();
    const run = aRun(store, {
      tags: ["prod", "ünïcode"],
      schedule: "nightly" as ScheduleKey,
      scheduledFor: NOON,
      idempotencyKey: "k",
    });

    expect(await store.saveRunStep(birth(run))).toBe("saved");

    expect(listRunsById(store.reader, [run.id])).toEqual([run]);
    const [created] = await historyOf(store.reader).listTransitions(run);
    expect(created).toMatchObject({ seq: 1, attempt: 0, state: { name: "Scheduled" } });
    await store.close(NOON);
  });

  test("keeps every field at each step of a life with a wait and a retry", async () => {
    const store = temporaryStore();
    const slot = "flow:work" as SlotName;
    const error = { name: "Error", message: "no" };
    const signals: readonly Signal[] = [
      { type: "await-slot", slot, message: "full" },
      { type: "submit" },
      { type: "start" },
      { type: "retry", dueAt: NOON, after: "failure", message: "no" },
      { type: "submit" },
      { type: "start" },
      { type: "fail", error, message: "no" },
    ];
    let run = aRun(store);
    await store.saveRunStep(birth(run));
    for (const signal of signals) {
      const step = advance(run, signal, NOON);
      expect(await store.saveRunStep(step)).toBe("saved");
      run = step.after;
      expect(listRunsById(store.reader, [run.id])).toEqual([run]);
      expect(openIn(store)).toEqual(signal.type === "fail" ? [] : [run.id]);
    }
    await store.close(NOON);
  });

  test("keeps every field of a run that completes at once, with its result", async () => {
    const store = temporaryStore();
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(
      start.after,
      { type: "succeed", result: jsonText([1]), message: "done" },
      NOON,
    );
    await store.saveRunStep(birth(run));
    await store.saveRunStep(submit);

    await Promise.all([start, end].map((step) => store.saveRunStep(step)));

    expect(listRunsById(store.reader, [run.id])).toEqual([end.after]);
    expect(openIn(store)).toEqual([]);
    await store.close(NOON);
  });

  test("lets only the first of two rivals count, in one commit and in two", async () => {
    const store = temporaryStore();
    const run = aRun(store);
    await store.saveRunStep(birth(run));
    const submit = advance(run, { type: "submit" }, NOON);
    const cancel = advance(run, { type: "cancel", message: "by hand" }, NOON);

    const together = await Promise.all([store.saveRunStep(submit), store.saveRunStep(cancel)]);
    const afterwards = await store.saveRunStep(cancel);

    expect(together).toEqual(["saved", "stale"]);
    expect(afterwards).toBe("stale");
    expect(await historyOf(store.reader).listTransitions(run)).toHaveLength(2);
    await store.close(NOON);
  });

  test("saves steps that follow each other in one commit as a chain", async () => {
    const store = temporaryStore();
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(start.after, { type: "succeed" }, NOON);
    await store.saveRunStep(birth(run));

    const saved = await Promise.all([submit, start, end].map((step) => store.saveRunStep(step)));

    expect(saved).toEqual(["saved", "saved", "saved"]);
    expect(listRunsById(store.reader, [run.id])).toEqual([end.after]);
    await store.close(NOON);
  });

  test("gives a due time one run, however often it is asked for", async () => {
    const store = temporaryStore();
    const due = { schedule: "nightly" as ScheduleKey, scheduledFor: NOON };
    const first = aRun(store, due);
    const second = aRun(store, due);

    const together = await Promise.all([first, second].map((run) => store.saveRunStep(birth(run))));
    const later = await store.saveRunStep(birth(aRun(store, due)));

    expect(together).toEqual(["saved", "stale"]);
    expect(later).toBe("stale");
    await store.close(NOON);
  });

  test("survives texts that the binding cannot bear", async () => {
    const store = temporaryStore();
    const run = aRun(store, { name: "a\0b\ud800c", tags: ["\udfff", "\\u0000"] });

    await store.saveRunStep(birth(run));

    const [kept] = listRunsById(store.reader, [run.id]);
    expect(kept?.name).toBe("a␀b\ufffdc");
    expect(kept?.tags).toEqual(run.tags);
    await store.close(NOON);
  });
});

describe("deliveries", () => {
  const { manifest } = aGeneration([], {
    hookModules: [
      {
        key: "module:./hooks/audit.ts" as HookKey,
        name: "audit",
        module: "./hooks/audit.ts",
        moments: ["onRunning", "onFailure"],
        timeoutMs: 30_000,
        retryMs: [0],
        flows: ["report" as FlowName],
      },
    ],
  });

  test("are written with the transition that rings them, and tell of the run as it was then", async () => {
    const store = temporaryStore();
    store.useHooks(hookBook(manifest));
    const rung = new Set<number>();
    store.onDeliveries((hookNos) => hookNos.forEach((no) => void rung.add(no)));
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const error = { name: "Error", message: "oops!" };
    const fail = advance(start.after, { type: "fail", error, message: "oops!" }, NOON);
    await store.saveRunStep(birth(run));

    await Promise.all([submit, start, fail].map((step) => store.saveRunStep(step)));

    expect([...rung]).toEqual([1]);
    const due = listDueNumbers(store.reader, { hookNo: 1, now: NOON, limit: 10 });
    const [running, failure] = loadDeliveries(store.reader, due);
    expect(running).toMatchObject({
      moment: "onRunning",
      about: { state: { name: "Running" }, previous: { name: "Pending" } },
    });
    const { rev: _, ...asItWas } = start.after;
    expect(running?.about).toMatchObject({ run: { ...asItWas } });
    expect(failure).toMatchObject({
      moment: "onFailure",
      about: { state: { name: "Failed", error }, previous: { name: "Running" } },
    });
    await store.close(NOON);
  });
});

test("the tally says what the rows say, whatever is saved, refused or counted late", async () => {
  const store = temporaryStore();
  const byRows = () => historyOf(store.reader).counts();
  const runs = [aRun(store), aRun(store), aRun(store)];
  await Promise.all(runs.map((run) => store.saveRunStep(birth(run))));
  expect(store.tally.read(store.reader)).toEqual(await byRows());

  for (const run of runs.slice(1)) {
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(start.after, { type: "succeed" }, NOON);
    const rival = advance(run, { type: "cancel", message: "" }, NOON);
    await Promise.all([submit, rival, start, end].map((step) => store.saveRunStep(step)));
  }

  expect(store.tally.read(store.reader)).toEqual(await byRows());
  expect(store.tally.read(store.reader).runs).toEqual({ SCHEDULED: 1, COMPLETED: 2 });
});
