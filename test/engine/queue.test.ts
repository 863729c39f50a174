import { describe, expect, test } from "bun:test";
import type { FlowName, RunId, SlotName } from "../../src/domain/ids.ts";
import { instant } from "../../src/domain/instant.ts";
import { createSlots, slotSizes } from "../../src/domain/slots.ts";
import { createTrigger } from "../../src/engine/trigger.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { birthOn } from "./support/birth.ts";

const REPORT = "report" as FlowName;
const run = (id: string, changes = {}) => ({
  id: id as RunId,
  flow: REPORT,
  tags: [],
  exclusive: true,
  ...changes,
});
const OVERLAP = "overlap:report" as SlotName;

function slotsFor(changes: Parameters<typeof aFlow>[0]) {
  const slots = createSlots();
  slots.useSizes(slotSizes(aGeneration([aFlow(changes)]).manifest));
  return slots;
}

describe("runs that must not overlap", () => {
  test("go on one at a time, and beside those that may", () => {
    const slots = slotsFor({ overlap: "queue-all" });

    expect(slots.take(run("a"))).toBeUndefined();
    expect(slots.take(run("b"))).toBe(OVERLAP);
    expect(slots.take(run("c", { exclusive: false }))).toBeUndefined();
    expect(slots.give("a" as RunId)).toEqual([OVERLAP]);
    expect(slots.take(run("b"))).toBeUndefined();
  });

  test("keep their place while they wait for their next attempt, and no other slot", () => {
    const slots = slotsFor({ overlap: "queue-all", concurrency: 1 });
    slots.take(run("a"));

    expect(slots.holdPlace(run("a"))).toEqual(["flow:report" as SlotName]);

    expect(slots.take(run("b"))).toBe(OVERLAP);
    expect(slots.take(run("a"))).toBeUndefined();
    expect(slots.give("a" as RunId)).toContain(OVERLAP);
  });

  test("go on several at a time where the flow's concurrency says so", () => {
    const slots = slotsFor({ overlap: "queue-all", concurrency: 2 });

    expect([run("a"), run("b"), run("c")].map((one) => slots.take(one))).toEqual([
      undefined,
      undefined,
      OVERLAP,
    ]);
  });
});

function triggering(overlap: "queue-all" | "queue-one" | "cancel-running" | "skip") {
  const store = temporaryStore();
  const birth = birthOn(store);
  const flow = aFlow({ overlap, maxQueued: 1 });
  const generation = aGeneration([flow]);
  const trigger = createTrigger({
    ...birth,
    clock: () => NOON,
    newest: () => generation,
    flowNamed: () => flow,
    onBorn: () => {},
  });
  const names = async () =>
    (await historyOf(store.reader).listRuns({ limit: 10 })).map(({ id }) => id);
  return { trigger, cancelled: birth.cancelled, names };
}

describe("runs that are asked for by hand", () => {
  test("queue as the flow says, and are refused when the queue is full", async () => {
    const { trigger } = triggering("queue-all");
    const answers = [];
    for (let count = 0; count < 3; count += 1) answers.push(await trigger.one({ flow: "report" }));

    expect(answers.map(({ type }) => type)).toEqual(["created", "overlaps", "overlaps"]);
  });

  test("see each other in one turn and in one request", async () => {
    const { trigger } = triggering("skip");
    const both = await Promise.all([
      trigger.one({ flow: "report" }),
      trigger.one({ flow: "report" }),
    ]);
    expect(both.map(({ type }) => type).sort()).toEqual(["created", "overlaps"]);

    const { trigger: other, names } = triggering("skip");
    const answer = await other.many([{ flow: "report" }, { flow: "report" }]);
    expect(answer).toMatchObject({ type: "refused", index: 1 });
    expect(await names()).toEqual([]);
    expect((await other.one({ flow: "report" })).type).toBe("created");
  });

  test("for a time that has passed do not go before those that wait already", async () => {
    const { trigger } = triggering("skip");

    const answer = await trigger.one({ flow: "report", at: instant(0) });

    expect(answer).toMatchObject({ type: "created", run: { state: { dueAt: NOON } } });
  });

  test("make those before them make way", async () => {
    const { trigger, cancelled } = triggering("cancel-running");
    const first = await trigger.one({ flow: "report" });
    const second = await trigger.one({ flow: "report" });

    expect(second.type).toBe("created");
    expect(cancelled).toEqual(first.type === "created" ? [first.run.id] : []);
  });
});
