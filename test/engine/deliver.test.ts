import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { Ringer, RingOutcome } from "../../src/domain/delivery.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { FlowName, HookKey } from "../../src/domain/ids.ts";
import { createDeliver } from "../../src/engine/deliver.ts";
import { LANE_WIDTH_AT_FIRST } from "../../src/engine/lane.ts";
import { createLog } from "../../src/log.ts";
import { aFlow, aGeneration, aHook } from "../support/manifests.ts";
import { aRun, NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { delivering, failed, handRinger } from "./support/delivering.ts";

describe("deliveries", () => {
  test("tell the hook of the run as it was, with links to page and API", async () => {
    const { deliver, endedRun, told, answer, history } = delivering([aHook("notify")]);
    const run = await endedRun();

    deliver.pass();
    await answer({ type: "delivered" });

    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      attempt: 1,
      moment: "onAnyEnd",
      about: {
        run: { id: run.id, state: { name: "Completed" } },
        previous: { name: "Running" },
      },
      urls: { run: `http://page/runs/${run.id}`, api: `http://page/api/runs/${run.id}` },
    });
    expect(await history.listDeliveries(run)).toMatchObject([
      { status: "delivered", attempts: [{ attempt: 1 }] },
    ]);
    expect(deliver.isBusy()).toBe(false);
  });

  test("go out in the order in which the hooks were given, each first attempt after the one before", async () => {
    const hooks = ["first", "second", "third"].map((name) => aHook(name, { retryMs: [5_000] }));
    const { deliver, endedRun, open, answer } = delivering(hooks);
    await endedRun();

    const order: string[] = [];
    for (const outcome of [{ type: "delivered" }, failed, { type: "delivered" }] as const) {
      deliver.pass();
      expect(open).toHaveLength(1);
      order.push(open[0]?.ringing.hook ?? "");
      await answer(outcome);
    }

    expect(order).toEqual(hooks.map(({ key }) => key));
  });

  test("are retried by the hook's ladder with the same id and a growing attempt, then dead", async () => {
    const hook = aHook("notify", { retryMs: [0, 5_000] });
    const { clock, deliver, endedRun, told, answer, history } = delivering([hook]);
    const run = await endedRun();

    deliver.pass();
    await answer(failed);
    deliver.pass();
    await answer(failed);
    expect(deliver.pass()).toBe((NOON + 5_000) as never);
    clock.advance(4_999);
    deliver.pass();
    expect(told).toHaveLength(2);
    clock.advance(1);
    deliver.pass();
    await answer(failed);

    expect(told.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(told.map(({ deliveryId }) => deliveryId)).size).toBe(1);
    const [delivery] = await history.listDeliveries(run);
    expect(delivery?.status).toBe("dead");
    expect(delivery?.attempts.map(({ error }) => error?.message)).toEqual([
      "HTTP 500",
      "HTTP 500",
      "HTTP 500",
    ]);
    expect(delivery?.reason).toContain("every one of its 3 attempts failed");
  });

  test("wait as long as the receiver asked for, when that is longer", async () => {
    const { deliver, endedRun, answer } = delivering([aHook("notify", { retryMs: [1_000] })]);
    await endedRun();

    deliver.pass();
    await answer({ ...failed, retryAfterMs: 90_000 } as RingOutcome);

    expect(deliver.pass()).toBe((NOON + 90_000) as never);
  });

  test("of a hook that is gone from the config are dead with that reason", async () => {
    const { deliver, endedRun, told, forget, history } = delivering([aHook("notify")]);
    const run = await endedRun();
    forget();

    deliver.pass();
    while (deliver.isBusy()) await new Promise((resolve) => setImmediate(resolve));

    expect(told).toEqual([]);
    const [delivery] = await history.listDeliveries(run);
    expect(delivery).toMatchObject({ status: "dead" });
    expect(delivery?.reason).toContain("no longer in the config");
  });

  test("that were only interrupted are made again alone, and do not count as an attempt", async () => {
    const { deliver, endedRun, open, answer, told } = delivering([aHook("notify")]);
    await endedRun();

    deliver.pass();
    await answer({ type: "interrupted", message: "its thread died" });
    deliver.pass();

    expect(open.map(({ alone }) => alone)).toEqual([true]);
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test("to a dead receiver fill their own lane and hold up no other hook's", async () => {
    const dead = aHook("dead");
    const lively = aHook("lively", { key: "flow:report/onAnyEnd/lively" as HookKey });
    const { deliver, endedRun, open, answer } = delivering([dead, lively]);
    const runs = LANE_WIDTH_AT_FIRST + 20;
    for (let count = 0; count < runs; count += 1) await endedRun();

    // The dead one never answers; whatever waits for its full lane goes ahead.
    let livelyRung = 0;
    for (let round = 0; round < runs; round += 1) {
      deliver.pass();
      const index = open.findIndex(({ ringing }) => ringing.hook === lively.key);
      if (index < 0) break;
      livelyRung += 1;
      await answer({ type: "delivered" }, index);
    }

    expect(open.filter(({ ringing }) => ringing.hook === dead.key)).toHaveLength(
      LANE_WIDTH_AT_FIRST,
    );
    expect(livelyRung).toBe(20);
  });

  test("that are due again at once are never forgotten, however passes and answers interleave", async () => {
    const store = temporaryStore();
    const hooks = ["a", "b", "c"].map((name) => aHook(name, { retryMs: [0, 0] }));
    store.useHooks(hookBook(aGeneration([aFlow({ hooks })]).manifest));
    const known = new Map(hooks.map((hook) => [hook.key as string, hook]));
    const ringer: Ringer = {
      room: () => 1_000,
      stop: async () => {},
      ring: async ({ deliveryId }) => ({
        deliveryId,
        outcome: failed,
        startedAt: NOON,
        endedAt: NOON,
        log: [],
      }),
    };
    // A pass at every step between the commit of a result and what follows from it.
    const clock = virtualClock(NOON);
    const passing: typeof store = {
      ...store,
      saveDeliveryResult(result) {
        const saved = store.saveDeliveryResult(result);
        void saved.then(async () => {
          for (let step = 0; step < 6; step += 1) {
            deliver.pass();
            await undefined;
          }
        });
        return saved;
      },
    };
    const deliver = createDeliver({
      store: passing,
      ringer,
      clock: clock.now,
      log: createLog({
        format: "json",
        level: "error",
        write: (line) => process.stderr.write(line),
      }),
      chance: () => 0,
      hookOf: (key) => known.get(key),
      flowNamed: () => undefined,
      publicUrl: () => "",
      wake: () => queueMicrotask(() => deliver.pass()),
    });
    store.onDeliveries((hookNos) => deliver.expectNew(hookNos));
    const runs = Array.from({ length: 30 }, () => aRun(store));
    const ends = runs.flatMap((run) => {
      const cancel = advance(run, { type: "cancel", message: "" }, NOON);
      return [{ before: undefined, after: run }, cancel];
    });
    await Promise.all(ends.map((step) => store.saveRunStep(step)));

    const count = () => store.tally.read(store.reader).deliveries.dead;
    for (let turn = 0; turn < 20_000 && count() < 90; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      // A hook that only fails is tried one delivery at a time, later and later.
      const next = deliver.underWay() === 0 ? deliver.pass() : undefined;
      if (next !== undefined) clock.set(next);
    }

    expect(store.tally.read(store.reader).deliveries).toEqual({
      pending: 0,
      delivered: 0,
      retrying: 0,
      dead: 90,
      dropped: 0,
    });
  });

  test("are found again by the next daemon", async () => {
    const { store, deliver, endedRun } = delivering([aHook("notify")]);
    await endedRun();
    expect(deliver.isBusy()).toBe(true);

    const next = handRinger(() => NOON);
    const second = createDeliver({
      store,
      ringer: next.ringer,
      clock: () => NOON,
      log: createLog({ format: "json", level: "error", write: () => {} }),
      chance: () => 0,
      hookOf: () => aHook("notify"),
      flowNamed: () => aFlow({ name: "report" as FlowName }),
      publicUrl: () => "",
      wake: () => {},
    });
    second.start();
    second.pass();

    expect(next.told).toHaveLength(1);
  });
});
