import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Executor, Offer, Outcome } from "../../src/domain/executor.ts";
import type { FlowSpec, Manifest } from "../../src/domain/flow.ts";
import type { FlowName, RunId, SlotName } from "../../src/domain/ids.ts";
import type { Run } from "../../src/domain/run.ts";
import { createSlots, slotSizes } from "../../src/domain/slots.ts";
import { createDispatch } from "../../src/engine/dispatch.ts";
import { createKnownRuns } from "../../src/engine/known-runs.ts";
import { createLedger } from "../../src/engine/ledger.ts";
import { createTrigger } from "../../src/engine/trigger.ts";
import { createLog } from "../../src/log.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { at, NOON, temporaryStore } from "../support/stores.ts";
import { birthOn } from "./support/birth.ts";

const log = createLog({
  format: "json",
  level: "error",
  write: (line) => process.stderr.write(line),
});

/** Dispatcher and ledger over a real store, with an executor that holds what it claims until the test ends it. */
function dispatching(flows: readonly FlowSpec[], limits: Manifest["limits"] = {}, room = 1_000) {
  const store = temporaryStore();
  let generation = aGeneration(flows, { limits });
  const flowNamed = (name: string) => generation.manifest.flows.find((flow) => flow.name === name);
  const slots = createSlots();
  slots.useSizes(slotSizes(generation.manifest));
  const ledger = createLedger({
    store,
    slots,
    log,
    flowNamed,
    clock: () => NOON,
    chance: () => 0,
    readRuns: createKnownRuns(store).read,
    // As the station does: the pass follows at once, in the same turn.
    onSettled: (_, freed) => {
      dispatch.freed(freed);
      dispatch.pass();
    },
  });
  const held = new Map<RunId, number>();
  const work: Promise<unknown>[] = [];
  const executor: Pick<Executor, "offer"> = {
    offer(offers: readonly Offer[]) {
      const taken = offers.slice(0, Math.max(0, room - held.size));
      work.push(
        ledger.claim(taken, "here").then((claims) => {
          for (const claim of claims) if (claim !== undefined) held.set(claim.runId, claim.token);
        }),
      );
      const left = offers.slice(taken.length);
      return { left, full: left.length > 0 };
    },
  };
  const dispatch = createDispatch({
    store,
    executor,
    ledger,
    slots,
    clock: () => NOON,
    mayStart: () => true,
    // As the station does.
    wake: () => void dispatch.pass(),
  });
  store.onRunMoved((run) => dispatch.moved(run));
  const trigger = createTrigger({
    ...birthOn(store),
    flowNamed,
    clock: () => NOON,
    newest: () => generation,
    onBorn: (runs) => dispatch.offerBorn(runs),
  });
  /** Passes until nothing more happens. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      dispatch.pass();
      const waiting = work.splice(0);
      if (waiting.length === 0 && round > 1) return;
      await Promise.all(waiting);
    }
  }
  async function start(
    flow: string,
    more: { tags?: readonly string[]; priority?: number } = {},
  ): Promise<Run> {
    const answer = await trigger.one({ flow, overlap: "allow", ...more });
    if (answer.type !== "created") throw new Error(answer.type);
    await settle();
    return answer.run;
  }
  async function end(runId: RunId, outcome: Outcome = DONE): Promise<void> {
    const token = held.get(runId);
    held.delete(runId);
    await ledger.finish(runId, token ?? 0, { outcome, startedAt: NOON, endedAt: NOON });
    await settle();
  }
  const stateOf = async (run: Run) => {
    const found = await historyOf(store.reader).findRun(run.id);
    return found === undefined || found === "ambiguous" ? "gone" : found.state.name;
  };
  const useLimits = (next: Manifest["limits"]) => {
    generation = aGeneration(flows, { limits: next });
    slots.useSizes(slotSizes(generation.manifest));
    dispatch.reconsider();
  };
  /** Asks for a run in the very turn in which another ends, in either order. */
  async function askAsOneEnds(flow: string, runId: RunId, isAskedFirst: boolean): Promise<void> {
    const ask = () => trigger.one({ flow, overlap: "allow" });
    const finish = () =>
      ledger.finish(runId, held.get(runId) ?? 0, {
        outcome: { type: "completed" },
        endedAt: at(2),
      });
    await Promise.all(isAskedFirst ? [ask(), finish()] : [finish(), ask()]);
    held.delete(runId);
    while (work.length > 0) await Promise.all(work.splice(0));
  }
  return { store, start, end, settle, stateOf, held, useLimits, askAsOneEnds };
}

const DONE: Outcome = { type: "completed" };
const FAILED: Outcome = { type: "failed", error: { name: "E", message: "x" }, message: "x" };
const one = aFlow({ name: "one" as FlowName, concurrency: 1 });
const free = aFlow({ name: "free" as FlowName });

describe("limits", () => {
  test("hold back a flow's further runs and let them go first in, first out", async () => {
    const { start, end, stateOf, held } = dispatching([one]);
    const runs = [await start("one"), await start("one"), await start("one")];
    const [first, second, third] = runs as [Run, Run, Run];

    expect(await stateOf(first)).toBe("Pending");
    expect(await stateOf(second)).toBe("AwaitingConcurrencySlot");
    await end(first.id);
    expect([...held.keys()]).toEqual([second.id]);
    await end(second.id);
    expect([...held.keys()]).toEqual([third.id]);
  });

  for (const isAskedFirst of [true, false]) {
    test(`forget nobody who is told to wait as the slot is given back (asked ${isAskedFirst ? "before" : "after"} that)`, async () => {
      const { start, held, askAsOneEnds, store } = dispatching([one]);
      const first = await start("one");

      await askAsOneEnds("one", first.id, isAskedFirst);

      const [second] = await historyOf(store.reader).listRuns({ limit: 1 });
      expect([...held.keys()]).toEqual([second?.id ?? ("none" as RunId)]);
      expect(second?.id).not.toBe(first.id);
    });
  }

  test("let a greater priority go before those who waited longer", async () => {
    const { start, end, held } = dispatching([one]);
    const first = await start("one");
    await start("one");
    const urgent = await start("one", { priority: 10 });

    await end(first.id);

    expect([...held.keys()]).toEqual([urgent.id]);
  });

  test("are shared by everything that carries a tag, and hold nobody else back", async () => {
    const { start, end, stateOf } = dispatching([free], { db: 1 });
    const first = await start("free", { tags: ["db"] });
    const second = await start("free", { tags: ["db", "other"] });
    const untagged = await start("free", { tags: ["other"] });

    expect(await stateOf(second)).toBe("AwaitingConcurrencySlot");
    expect(await stateOf(untagged)).toBe("Pending");
    await end(first.id);
    expect(await stateOf(second)).toBe("Pending");
  });

  test("give a slot back however the run ends, and while it waits for its retry", async () => {
    const flow = aFlow({
      name: "one" as FlowName,
      concurrency: 1,
      retry: { retries: 1, delay: { kind: "list", ms: [60_000] } },
    });
    const { start, end, stateOf } = dispatching([flow]);
    const outcomes: readonly Outcome[] = [
      FAILED,
      { type: "crashed", message: "x" },
      { type: "timed-out", message: "x" },
    ];
    let before = await start("one");
    for (const outcome of outcomes) {
      const next = await start("one");
      await end(before.id, outcome);
      expect(await stateOf(next)).toBe("Pending");
      before = next;
    }
  });

  test("are kept by a run that is tried again at once", async () => {
    const retry = { retries: 1, delay: { kind: "list", ms: [0] } } as const;
    const { start, end, stateOf, held } = dispatching([{ ...one, retry }]);
    const first = await start("one");
    const second = await start("one");

    await end(first.id, FAILED);

    expect([...held.keys()]).toEqual([first.id]);
    expect(await stateOf(second)).toBe("AwaitingConcurrencySlot");
    await end(first.id);
    expect([...held.keys()]).toEqual([second.id]);
  });

  test("that are raised or lifted let those go who wait", async () => {
    const { start, settle, stateOf, useLimits } = dispatching([free], { db: 1 });
    const runs = [];
    for (let count = 0; count < 4; count += 1) runs.push(await start("free", { tags: ["db"] }));

    useLimits({ db: 2 });
    await settle();
    expect(await Promise.all(runs.map(stateOf))).toEqual([
      "Pending",
      "Pending",
      "AwaitingConcurrencySlot",
      "AwaitingConcurrencySlot",
    ]);
    useLimits({});
    await settle();
    expect(await Promise.all(runs.map(stateOf))).toEqual([
      "Pending",
      "Pending",
      "Pending",
      "Pending",
    ]);
  });

  test("a backlog behind one limit does not hold up what is due behind it", async () => {
    const { start, stateOf } = dispatching([one, free]);
    for (let count = 0; count < 30; count += 1) await start("one");

    expect(await stateOf(await start("free"))).toBe("Pending");
  });

  test("never let more run than they say, and never forget anyone, whatever happens in whatever order", async () => {
    const step = fc.record({
      kind: fc.constantFrom("start", "start", "end", "fail"),
      flow: fc.constantFrom("a", "b"),
      tags: fc.subarray(["x", "y"]),
      pick: fc.nat(100),
    });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), playOut), { numRuns: 30 });
  }, 60_000);
});

interface PlayedStep {
  readonly kind: string;
  readonly flow: string;
  readonly tags: readonly string[];
  readonly pick: number;
}

/** Starts and ends runs as the steps say, then ends what is left; checks the limits after each. */
async function playOut(steps: readonly PlayedStep[]): Promise<void> {
  const retry = { retries: 1, delay: { kind: "list", ms: [0] } } as const;
  const flows = [
    aFlow({ name: "a" as FlowName, concurrency: 2, retry }),
    aFlow({ name: "b" as FlowName, concurrency: 1, retry }),
  ];
  const { store, start, end, held, stateOf } = dispatching(flows, { x: 1, y: 2 });
  const runs: Run[] = [];
  for (const { kind, flow, tags, pick } of steps) {
    const going = [...held.keys()];
    const chosen = kind === "start" ? undefined : going[pick % Math.max(going.length, 1)];
    if (chosen === undefined) runs.push(await start(flow, { tags }));
    else await end(chosen, kind === "fail" ? FAILED : DONE);
    expectWithinLimits(runs.filter(({ id }) => held.has(id)));
  }
  for (let [next] = held.keys(); next !== undefined; [next] = held.keys()) {
    await end(next);
    expectWithinLimits(runs.filter(({ id }) => held.has(id)));
  }
  const states = new Set(await Promise.all(runs.map(stateOf)));
  expect([...states].filter((name) => name !== "Completed" && name !== "Failed")).toEqual([]);
  await store.close(NOON);
}

function expectWithinLimits(going: readonly Run[]): void {
  const count = (fits: (run: Run) => boolean) => going.filter(fits).length;
  expect(count((run) => run.flow === "a")).toBeLessThanOrEqual(2);
  expect(count((run) => run.flow === "b")).toBeLessThanOrEqual(1);
  expect(count((run) => run.tags.includes("x"))).toBeLessThanOrEqual(1);
  expect(count((run) => run.tags.includes("y"))).toBeLessThanOrEqual(2);
}

test("a slot that is given back names only limits that there are", () => {
  const slots = createSlots();
  slots.useSizes(new Map([["tag:db" as SlotName, 1]]));
  const run = { id: "1" as RunId, flow: "f" as FlowName, tags: ["db", "prod"], exclusive: false };

  expect(slots.take(run)).toBeUndefined();
  expect(slots.take({ ...run, id: "2" as RunId })).toBe("tag:db" as SlotName);
  expect(slots.give("1" as RunId)).toEqual(["tag:db" as SlotName]);
  expect(slots.give("1" as RunId)).toEqual([]);
});
