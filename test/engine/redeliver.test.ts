import { describe, expect, test } from "bun:test";
import type { HookSpec } from "../../src/domain/flow.ts";
import type { Commands, Redelivered, RedeliverRequest } from "../../src/engine/commands.ts";
import { createRedeliver } from "../../src/engine/redeliver.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { fillWithDeliveries, keyOf } from "../store/support/many-deliveries.ts";
import { aHook } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { delivering, failed } from "./support/delivering.ts";

const NEVER_AGAIN = { retryMs: [] } as const;

/** Asks for many, of which all can be saved. */
async function many(
  redeliver: Pick<Commands, "redeliverMany">,
  request: RedeliverRequest,
): Promise<Redelivered> {
  const answer = await redeliver.redeliverMany(request);
  if (answer === "unavailable") throw new Error("nothing can be saved");
  return answer;
}

/** A deliverer whose deliveries can be asked for again. */
function redelivering(hooks: readonly HookSpec[], known: readonly HookSpec[] = hooks) {
  const line = delivering(hooks);
  const { store, deliver, clock } = line;
  const redeliver = createRedeliver({
    store,
    deliver,
    clock: clock.now,
    hasHook: (key) => known.some((hook) => hook.key === key),
  });
  const history = historyOf(store.reader, store.tally);
  // Counted from the start, so that what is counted on the way shows.
  store.tally.read(store.reader);
  const counts = async () => (await history.counts()).deliveries;
  return { ...line, ...redeliver, history, counts };
}

async function deadOne(line: ReturnType<typeof redelivering>) {
  const run = await line.endedRun();
  line.deliver.pass();
  await line.answer(failed);
  const [delivery] = await line.history.listDeliveries(run);
  if (delivery === undefined) throw new Error("there is no delivery");
  return { run, delivery };
}

describe("a dead delivery", () => {
  test("is rung again at once with the same id, and its ladder before it anew", async () => {
    const line = redelivering([aHook("notify", { retryMs: [5_000] })]);
    const { run, delivery } = await deadOne(line);
    line.clock.advance(5_000);
    line.deliver.pass();
    await line.answer(failed);
    expect(await line.history.findDelivery(delivery.id)).toMatchObject({ status: "dead" });

    expect(await line.redeliver(delivery.id)).toBe("redelivered");
    expect(await line.counts()).toMatchObject({ dead: 0, pending: 1 });
    line.deliver.pass();
    await line.answer(failed);

    const [again] = await line.history.listDeliveries(run);
    expect(again).toMatchObject({ id: delivery.id, status: "retrying", replays: 1 });
    expect(again?.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(again?.reason).toBeUndefined();
    line.clock.advance(5_000);
    line.deliver.pass();
    await line.answer({ type: "delivered" });
    expect(new Set(line.told.map(({ deliveryId }) => deliveryId)).size).toBe(1);
    expect(await line.counts()).toMatchObject({ delivered: 1, dead: 0, pending: 0, retrying: 0 });
  });

  test("of a hook that the config has not is left alone", async () => {
    const line = redelivering([aHook("notify", NEVER_AGAIN)], []);
    const { delivery } = await deadOne(line);

    expect(await line.redeliver(delivery.id)).toBe("no-such-hook");
    expect(await many(line, { filter: { hooks: [delivery.hook] }, dryRun: false })).toEqual({
      redelivered: 0,
      skipped: 1,
    });
    expect(await line.counts()).toMatchObject({ dead: 1 });
  });
});

test("a pending delivery is left as it is, and one that is under way too", async () => {
  const line = redelivering([aHook("notify", { retryMs: [0] })]);
  const run = await line.endedRun();
  const [{ id } = { id: "" }] = await line.history.listDeliveries(run);

  expect(await line.redeliver(id)).toBe("pending");
  line.deliver.pass();
  await line.answer(failed);
  line.deliver.pass();
  expect(await line.redeliver(id)).toBe("under-way");

  await line.answer({ type: "delivered" });
  expect(await line.counts()).toMatchObject({ delivered: 1, retrying: 0, pending: 0 });
});

test("a delivered one is rung again when it is named, and not among many unless asked for", async () => {
  const line = redelivering([aHook("notify")]);
  const run = await line.endedRun();
  line.deliver.pass();
  await line.answer({ type: "delivered" });
  const [{ id } = { id: "" }] = await line.history.listDeliveries(run);

  const without = await many(line, { filter: { run }, dryRun: false });
  const asked = { filter: { run, statuses: ["delivered"] }, dryRun: true } as const;
  const counted = await many(line, asked);

  expect([without.redelivered, counted.redelivered]).toEqual([0, 1]);
  expect(await line.counts()).toMatchObject({ delivered: 1 });
  expect(await line.redeliver(id)).toBe("redelivered");
  expect(await line.redeliver("no such id")).toBe("no-such-delivery");
});

test("a great many are asked for again in parts, oldest first, and counted right", async () => {
  const store = temporaryStore();
  fillWithDeliveries(store, 30_000);
  const reopened: (readonly number[])[] = [];
  const redeliver = createRedeliver({
    store,
    clock: () => NOON,
    hasHook: (key) => key !== keyOf(1),
    deliver: { isUnderWay: () => false, reopen: (nos) => void reopened.push([...(nos ?? [])]) },
  });
  const before = store.tally.read(store.reader).deliveries;
  const filter = { statuses: ["delivered"], hooks: [1, 2, 3].map(keyOf) } as const;

  const counted = await many(redeliver, { filter, dryRun: true });
  const done = await many(redeliver, { filter, dryRun: false });

  expect(counted).toEqual(done);
  const after = store.tally.read(store.reader).deliveries;
  expect(after.pending).toBe(before.pending + done.redelivered);
  expect(done.redelivered).toBeGreaterThan(14_000);
  expect(done.skipped).toBeGreaterThan(7_000);
  expect(reopened.length).toBeGreaterThan(20);
  store.tally.forget();
  expect(store.tally.read(store.reader).deliveries).toEqual(after);
  await store.close(NOON);
});
