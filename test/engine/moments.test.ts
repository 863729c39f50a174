import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { MOMENTS } from "../../src/domain/flow.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { createWatch } from "../../src/engine/watch.ts";
import { listRunsById } from "../../src/store/open-runs.ts";
import { aFlow, aGeneration, aHook } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { delivering } from "./support/delivering.ts";

const every = aHook("every", { moments: MOMENTS });
const oops = {
  type: "fail",
  error: { name: "Error", message: "oops!" },
  message: "oops!",
} as const;
const crash = { type: "crash", message: "it died" } as const;
const good = { type: "succeed" } as const;

type Ended = typeof oops | typeof crash | typeof good;

/** The moments of turning that so many ends of a flow's runs ring, one list per run. */
async function turns(...ends: readonly Ended[]): Promise<readonly (readonly string[])[]> {
  const { store, endedRun } = delivering([every]);
  const rung: string[][] = [];
  for (const end of ends) {
    const run = await endedRun(end);
    rung.push(
      store.reader
        .all<{ moment: string }>("SELECT moment FROM delivery WHERE run_no = ? ORDER BY no", [
          run.no,
        ])
        .map(({ moment }) => moment)
        .filter((moment) => moment === "onRecovered" || moment === "onRegressed"),
    );
  }
  return rung;
}

describe("onRecovered and onRegressed", () => {
  test("ring on the first end that is otherwise than the one before", async () => {
    expect(await turns(good, oops, crash, good, good)).toEqual([
      [],
      ["onRegressed"],
      [],
      ["onRecovered"],
      [],
    ]);
  });

  test("do not ring for a flow's first run", async () => {
    expect(await turns(oops)).toEqual([[]]);
    expect(await turns(good)).toEqual([[]]);
  });

  test("are told right of runs that end in the same commit", async () => {
    const { store } = delivering([every]);
    const steps = [good, oops, good].flatMap((end) => {
      const run = aRun(store);
      const submit = advance(run, { type: "submit" }, NOON);
      const start = advance(submit.after, { type: "start" }, NOON);
      return [{ before: undefined, after: run }, submit, start, advance(start.after, end, NOON)];
    });
    await Promise.all(steps.map((step) => store.saveRunStep(step)));

    const rung = store.reader
      .all<{ moment: string }>("SELECT moment FROM delivery ORDER BY no")
      .map(({ moment }) => moment);
    expect(rung.filter((moment) => moment === "onRegressed")).toHaveLength(1);
    expect(rung.filter((moment) => moment === "onRecovered")).toHaveLength(1);
  });
});

function watching(lateAfterMs: number, expectWithinMs?: number) {
  const store = temporaryStore();
  const clock = virtualClock(NOON);
  const flow = aFlow({
    hooks: [every],
    lateAfterMs,
    ...(expectWithinMs === undefined ? {} : { expectWithinMs }),
  });
  store.useHooks(hookBook(aGeneration([flow]).manifest));
  const watch = createWatch({
    store,
    clock: clock.now,
    ledger: { isHeld: () => false },
    flowNamed: () => flow,
    wake: () => {},
  });
  store.onRunMoved((run) => watch.moved(run));
  const moments = () =>
    store.reader
      .all<{ moment: string }>("SELECT moment FROM delivery ORDER BY no")
      .map(({ moment }) => moment);
  return { store, clock, watch, moments };
}

const ofSchedule = { schedule: "nightly" as ScheduleKey, scheduledFor: NOON };

describe("a run of a schedule", () => {
  test("that is not started in time becomes Late and rings onLate, once", async () => {
    const { store, clock, watch, moments } = watching(15_000);
    const run = aRun(store, ofSchedule);
    await store.saveRunStep({ before: undefined, after: run });

    expect(watch.pass()).toBe(at(15_000));
    clock.advance(15_000);
    watch.pass();
    await store.saved();
    watch.pass();
    await store.saved();

    expect(listRunsById(store.reader, [run.id])[0]?.state.name).toBe("Late");
    expect(moments()).toEqual(["onLate"]);
  });

  test("that was given back by an executor without room becomes Late all the same, and only once", async () => {
    const { store, clock, watch, moments } = watching(15_000);
    const run = aRun(store, ofSchedule);
    const submit = advance(run, { type: "submit" }, NOON);
    await store.saveRunStep({ before: undefined, after: run });
    await store.saveRunStep(submit);
    clock.advance(20_000);
    watch.pass();
    const release = { type: "release", dueAt: NOON, isLate: false, message: "no room" } as const;
    const back = advance(submit.after, release, at(20_000));
    await store.saveRunStep(back);
    watch.pass();
    await store.saved();
    expect(moments()).toEqual(["onLate"]);

    const [late] = listRunsById(store.reader, [run.id]);
    if (late === undefined) throw new Error("it is gone");
    const again = advance(late, { type: "submit" }, at(21_000));
    await store.saveRunStep(again);
    await store.saveRunStep(advance(again.after, { ...release, isLate: true }, at(22_000)));
    watch.pass();
    await store.saved();

    expect(listRunsById(store.reader, [run.id])[0]?.state.name).toBe("Late");
    expect(moments()).toEqual(["onLate"]);
  });

  test("that waited when the daemon started is watched as well", async () => {
    const { store, clock, watch, moments } = watching(15_000);
    store.onRunMoved(() => {});
    await store.saveRunStep({ before: undefined, after: aRun(store, ofSchedule) });

    clock.advance(20_000);
    watch.start();
    watch.pass();
    await store.saved();

    expect(moments()).toEqual(["onLate"]);
  });

  test("that somebody asked for by hand is never Late", async () => {
    const { store, clock, watch, moments } = watching(15_000);
    await store.saveRunStep({ before: undefined, after: aRun(store) });

    clock.advance(60_000);
    watch.pass();
    await store.saved();

    expect(moments()).toEqual([]);
  });
});

describe("a run that runs for longer than expected", () => {
  test("rings onRunningLong once for each attempt, told of the state it is in", async () => {
    const { store, clock, watch, moments } = watching(15_000, 600_000);
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const steps = [{ before: undefined, after: run }, submit, start];
    await Promise.all(steps.map((step) => store.saveRunStep(step)));

    expect(watch.pass()).toBe(at(600_000));
    clock.advance(600_000);
    watch.pass();
    watch.pass();
    await store.saved();
    store.ringLongRun({ run: start.after, now: clock.now() });
    await store.saved();

    expect(moments()).toEqual(["onRunning", "onRunningLong"]);
  });

  test("rings nothing when it has ended meanwhile", async () => {
    const { store, clock, watch, moments } = watching(15_000, 600_000);
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(start.after, { type: "succeed" }, at(1_000));
    const steps = [{ before: undefined, after: run }, submit, start, end];
    await Promise.all(steps.map((step) => store.saveRunStep(step)));

    clock.advance(600_000);
    watch.pass();
    store.ringLongRun({ run: start.after, now: clock.now() });
    await store.saved();

    expect(moments()).not.toContain("onRunningLong");
  });
});

describe("a due time that becomes no run", () => {
  test("rings onSkipped or onMissed with its decision, once however often it is decided", async () => {
    const { store, deliver, told } = delivering([every]);
    const decision = {
      flow: aFlow().name,
      schedule: ofSchedule.schedule,
      dueAt: NOON,
      kind: "missed",
      reason: "the daemon was down",
      decidedAt: at(1_000),
    } as const;
    const other = { ...decision, dueAt: at(1), kind: "skipped", reason: "overlap" } as const;

    await store.saveDues({ births: [], decisions: [decision, other], cursors: [] });
    await store.saveDues({ births: [], decisions: [decision], cursors: [] });
    deliver.pass();

    // The clock stands before the decision: nothing is due yet.
    expect(told).toHaveLength(0);
    expect(store.reader.all<{ moment: string }>("SELECT moment FROM delivery ORDER BY no")).toEqual(
      [{ moment: "onMissed" }, { moment: "onSkipped" }],
    );
  });

  test("leads to its flow, and tells what was decided", async () => {
    const { store, deliver, clock, told, answer } = delivering([every]);
    const decision = {
      flow: aFlow().name,
      schedule: ofSchedule.schedule,
      dueAt: NOON,
      kind: "skipped",
      reason: 'run "brave-otter" is still open',
      decidedAt: NOON,
    } as const;
    await store.saveDues({ births: [], decisions: [decision], cursors: [] });

    clock.advance(1);
    deliver.pass();
    await answer({ type: "delivered" });

    expect(told).toMatchObject([
      {
        moment: "onSkipped",
        about: { kind: "decision", decision: { reason: decision.reason, schedule: "nightly" } },
        urls: { run: "http://page/flows/report", api: "http://page/api/flows/report" },
      },
    ]);
    expect(store.tally.read(store.reader).deliveries.delivered).toBe(1);
  });
});
