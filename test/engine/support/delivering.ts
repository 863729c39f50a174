import { advance } from "../../../src/domain/advance.ts";
import type { Ringer, Ringing, RingOutcome, Rung } from "../../../src/domain/delivery.ts";
import type { FlowSpec, HookSpec } from "../../../src/domain/flow.ts";
import { hookBook } from "../../../src/domain/hook-matching.ts";
import type { Run } from "../../../src/domain/run.ts";
import type { Signal } from "../../../src/domain/signal.ts";
import { createDeliver } from "../../../src/engine/deliver.ts";
import { createLog } from "../../../src/log.ts";
import { historyOf } from "../../../src/store/history-of.ts";
import { aFlow, aGeneration } from "../../support/manifests.ts";
import { aRun, NOON, temporaryStore } from "../../support/stores.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

/** Answers ringings when the test says so. */
export function handRinger(now: () => Rung["startedAt"]) {
  const open: {
    readonly ringing: Ringing;
    readonly alone: boolean;
    readonly answer: (outcome: RingOutcome) => void;
  }[] = [];
  const told: Ringing[] = [];
  const ringer: Ringer = {
    room: () => 1_000 - open.length,
    stop: async () => {},
    ring(ringing, { alone }) {
      told.push(ringing);
      const { promise, resolve } = Promise.withResolvers<Rung>();
      const entry = {
        ringing,
        alone,
        answer: (outcome: RingOutcome) => {
          open.splice(open.indexOf(entry), 1);
          resolve({
            deliveryId: ringing.deliveryId,
            outcome,
            startedAt: now(),
            endedAt: now(),
            log: [],
          });
        },
      };
      open.push(entry);
      return promise;
    },
  };
  return { ringer, open, told };
}

/** A deliverer over a store of its own, a clock that stands, and a ringer that answers when it is told to. */
export function delivering(hooks: readonly HookSpec[], changes: Partial<FlowSpec> = {}) {
  const store = temporaryStore();
  const clock = virtualClock(NOON);
  const flow = aFlow({ hooks, ...changes });
  let known = new Map(hooks.map((hook) => [hook.key as string, hook]));
  store.useHooks(hookBook(aGeneration([flow]).manifest));
  const { ringer, open, told } = handRinger(clock.now);
  const wakes = { count: 0 };
  const deliver = createDeliver({
    store,
    ringer,
    clock: clock.now,
    log: createLog({ format: "json", level: "error", write: (line) => process.stderr.write(line) }),
    chance: () => 0,
    hookOf: (key) => known.get(key),
    flowNamed: () => flow,
    publicUrl: () => "http://page",
    wake: () => {
      wakes.count += 1;
    },
  });
  store.onDeliveries((hookNos) => deliver.expectNew(hookNos));

  /** A run from its birth to its end. */
  async function endedRun(
    signal: Signal = { type: "succeed" },
    run: Run = aRun(store),
  ): Promise<Run> {
    const submit = advance(run, { type: "submit" }, clock.now());
    const start = advance(submit.after, { type: "start" }, clock.now());
    const end = advance(start.after, signal, clock.now());
    await Promise.all(
      [{ before: undefined, after: run }, submit, start, end].map((step) =>
        store.saveRunStep(step),
      ),
    );
    return end.after;
  }
  /** Answers the oldest open ringing and waits until its result is committed. */
  async function answer(outcome: RingOutcome, index = 0): Promise<void> {
    const before = wakes.count;
    open[index]?.answer(outcome);
    while (wakes.count === before) await new Promise((resolve) => setImmediate(resolve));
  }
  /** Waits until nothing is under way. */
  async function idle(): Promise<void> {
    while (deliver.underWay() > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const forget = () => {
    known = new Map();
  };
  return {
    store,
    clock,
    deliver,
    open,
    told,
    endedRun,
    answer,
    forget,
    idle,
    history: historyOf(store.reader),
  };
}

export const failed: RingOutcome = {
  type: "failed",
  error: { name: "Error", message: "HTTP 500" },
};
