import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { HookSpec } from "../../src/domain/flow.ts";
import type { FlowName } from "../../src/domain/ids.ts";
import { createGate } from "../../src/engine/gate.ts";
import { listDueNumbers, loadDeliveries } from "../../src/store/due-deliveries.ts";
import { aHook } from "../support/manifests.ts";
import { aRun, at } from "../support/stores.ts";
import { delivering } from "./support/delivering.ts";

const MINUTE = 60_000;
const oops = {
  type: "fail",
  error: { name: "Error", message: "oops!" },
  message: "oops!",
} as const;
const onFailure = (changes: Partial<HookSpec>) =>
  aHook("notify", { moments: ["onFailure"], ...changes });

function statuses(store: ReturnType<typeof delivering>["store"]) {
  return store.reader.all<{ status: string; reason: string | null }>(
    "SELECT status, reason FROM delivery ORDER BY no",
  );
}

describe("holdFor", () => {
  test("rings once the state has lasted, and not before", async () => {
    const { deliver, clock, endedRun, told } = delivering([onFailure({ holdForMs: 2 * MINUTE })]);
    await endedRun(oops);

    expect(deliver.pass()).toBe(at(2 * MINUTE));
    expect(told).toHaveLength(0);
    clock.advance(2 * MINUTE);
    deliver.pass();

    expect(told).toHaveLength(1);
  });

  test("drops the delivery when the flow has recovered meanwhile, and says so", async () => {
    const { deliver, clock, endedRun, told, store, idle } = delivering([
      onFailure({ holdForMs: 2 * MINUTE }),
    ]);
    await endedRun(oops);
    clock.advance(MINUTE);
    await endedRun();

    clock.advance(MINUTE);
    deliver.pass();
    await idle();

    expect(told).toHaveLength(0);
    expect(statuses(store)).toEqual([
      { status: "dropped", reason: "the flow has recovered since (holdFor 2m)" },
    ]);
    expect(deliver.isBusy()).toBe(false);
  });

  test("rings for a failure after the recovery, and for a flow that failed again only from then on", async () => {
    const { deliver, clock, endedRun, told, store } = delivering([
      onFailure({ holdForMs: 2 * MINUTE }),
    ]);
    await endedRun(oops);
    clock.advance(MINUTE);
    await endedRun();
    clock.advance(MINUTE / 2);
    const last = await endedRun(oops);

    clock.advance(10 * MINUTE);
    deliver.pass();
    await store.saved();

    expect(told.map(({ about }) => about)).toMatchObject([{ run: { id: last.id } }]);
    expect(statuses(store).map(({ status }) => status)).toEqual(["dropped", "pending"]);
  });

  test("drops what is told of a run that has left the state", async () => {
    const hook = aHook("notify", { moments: ["onLate"], holdForMs: MINUTE });
    const { deliver, clock, told, store } = delivering([hook]);
    const run = aRun(store);
    await store.saveRunStep({ before: undefined, after: run });
    const late = advance(run, { type: "be-late" }, clock.now());
    await store.saveRunStep(late);
    const submit = advance(late.after, { type: "submit" }, clock.now());
    await store.saveRunStep(submit);

    clock.advance(MINUTE);
    deliver.pass();
    await store.saved();

    expect(told).toHaveLength(0);
    expect(statuses(store)[0]?.reason).toBe(
      "the state did not last: it is Pending now (holdFor 1m)",
    );
  });
});

describe("dedupe", () => {
  test("rings once for the same flow and moment within its time, and again afterwards", async () => {
    const { deliver, clock, endedRun, answer, told, store } = delivering([
      onFailure({ dedupe: { withinMs: 60 * MINUTE, by: "flow" } }),
    ]);
    for (const minute of [0, 1, 59, 61]) {
      clock.set(at(minute * MINUTE));
      await endedRun(oops);
      const before = told.length;
      deliver.pass();
      if (told.length > before) await answer({ type: "delivered" });
    }
    await store.saved();

    expect(statuses(store).map(({ status }) => status)).toEqual([
      "delivered",
      "dropped",
      "dropped",
      "delivered",
    ]);
    const id = told[0]?.deliveryId;
    expect(statuses(store)[1]?.reason).toBe(
      `it is the same as delivery "${id}", rung at 2026-06-01T12:00:00.000Z (dedupe 1h)`,
    );
  });

  test("tells flows apart, and messages where it is to go by them", async () => {
    const { deliver, endedRun, store, told } = delivering([
      onFailure({ dedupe: { withinMs: 60 * MINUTE, by: "message" } }),
    ]);
    await endedRun(oops);
    await endedRun(oops);
    await endedRun({ ...oops, message: "another reason" });
    deliver.pass();
    await store.saved();

    expect(told).toHaveLength(2);
    expect(told.map(({ about }) => about.kind === "run" && about.state.message)).toEqual([
      "oops!",
      "another reason",
    ]);
  });

  test("is remembered by the next daemon", async () => {
    const hook = onFailure({ dedupe: { withinMs: 60 * MINUTE, by: "flow" } });
    const { deliver, clock, endedRun, answer, store } = delivering([hook]);
    await endedRun(oops);
    deliver.pass();
    await answer({ type: "delivered" });
    await endedRun(oops);

    const [no = 0] = listDueNumbers(store.reader, { hookNo: 1, now: clock.now(), limit: 1 });
    const [delivery] = loadDeliveries(store.reader, [no]);
    if (delivery === undefined) throw new Error("there is no delivery");
    const gate = createGate(store);

    expect(gate.judge(delivery, hook, clock.now()).type).toBe("drop");
    const elsewhere = { ...delivery, about: otherFlow(delivery.about) };
    expect(gate.judge(elsewhere, hook, clock.now()).type).toBe("ring");
    const asked = { ...delivery, replayed: true };
    expect(gate.judge(asked, hook, clock.now()).type).toBe("ring");
  });
});

type About = ReturnType<typeof loadDeliveries>[number]["about"];

function otherFlow(about: About): About {
  if (about.kind !== "run") return about;
  return { ...about, run: { ...about.run, flow: "another" as FlowName } };
}

describe("rateLimit", () => {
  test("makes deliveries beyond it wait until there is room, in their order", async () => {
    const { deliver, clock, endedRun, answer, told } = delivering([
      onFailure({ rateLimit: { max: 2, perMs: MINUTE, excess: "wait" } }),
    ]);
    const runs = [await endedRun(oops), await endedRun(oops), await endedRun(oops)];

    deliver.pass();
    while (told.length < 2) deliver.pass();
    await answer({ type: "delivered" });
    await answer({ type: "delivered" });
    expect(deliver.pass()).toBe(at(MINUTE));
    expect(told).toHaveLength(2);
    clock.advance(MINUTE);
    deliver.pass();

    expect(told.map(({ about }) => about.kind === "run" && about.run.id)).toEqual(
      runs.map(({ id }) => id),
    );
  });

  test("drops them instead where it is to, but never a further attempt", async () => {
    const { deliver, endedRun, answer, told, store } = delivering([
      onFailure({ rateLimit: { max: 1, perMs: MINUTE, excess: "drop" }, retryMs: [10 * MINUTE] }),
    ]);
    await endedRun(oops);
    deliver.pass();
    await answer({ type: "failed", error: { name: "Error", message: "HTTP 500" } });
    await endedRun(oops);
    deliver.pass();
    await store.saved();

    expect(told).toHaveLength(1);
    expect(statuses(store).map(({ status, reason }) => [status, reason])).toEqual([
      ["retrying", null],
      ["dropped", "it was rung 1 times already (rateLimit 1m)"],
    ]);
  });
});
