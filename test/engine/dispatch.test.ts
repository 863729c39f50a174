import { describe, expect, test } from "bun:test";
import type { Offer } from "../../src/domain/executor.ts";
import type { FlowName, RunId } from "../../src/domain/ids.ts";
import { type Instant, later } from "../../src/domain/instant.ts";
import { createDispatch } from "../../src/engine/dispatch.ts";
import { createTrigger } from "../../src/engine/trigger.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { birthOn } from "./support/birth.ts";

/** A dispatcher that passes exactly when it asks for it, over an executor that takes what it has room for. */
function dispatching() {
  const store = temporaryStore();
  const generation = aGeneration([aFlow({ name: "work" as FlowName })]);
  const offered: RunId[] = [];
  const seen: { room: number; next: Instant | undefined } = { room: 0, next: undefined };
  const dispatch = createDispatch({
    store,
    clock: () => NOON,
    slots: { room: () => 1 },
    ledger: { isHeld: (runId) => offered.includes(runId), expectBorn() {} },
    executor: {
      offer(offers: readonly Offer[]) {
        const taken = offers.slice(0, seen.room);
        offered.push(...taken.map(({ runId }) => runId));
        seen.room -= taken.length;
        const left = offers.slice(taken.length);
        return { left, full: left.length > 0 };
      },
    },
    mayStart: () => true,
    wake: () => {
      seen.next = dispatch.pass();
    },
  });
  store.onRunMoved((run) => dispatch.moved(run));
  const trigger = createTrigger({
    ...birthOn(store),
    clock: () => NOON,
    newest: () => generation,
    flowNamed: () => generation.manifest.flows[0],
    onBorn: (runs) => dispatch.offerBorn(runs),
  });
  const asked = { flow: "work", overlap: "allow" } as const;
  return { trigger, dispatch, asked, offered, seen };
}

async function created<Answer extends { readonly type: string }>(answer: Promise<Answer>) {
  const found = await answer;
  if (found.type !== "created") throw new Error(found.type);
  // What the commit has set going is done by the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  return found as Extract<Answer, { readonly type: "created" }>;
}

describe("a new run that is not taken at once", () => {
  test("is known as soon as it is saved: one that is due later is waited for", async () => {
    const { trigger, asked, offered, seen } = dispatching();
    const at = later(NOON, 2_000);

    await created(trigger.one({ ...asked, at }));

    expect([offered, seen.next]).toEqual([[], at]);
  });

  test("is offered again when it is saved, for there may be room by then", async () => {
    const { trigger, asked, offered, seen } = dispatching();
    const waiting = trigger.one(asked);
    seen.room = 1;

    const { run } = await created(waiting);

    expect(offered).toEqual([run.id]);
  });

  test("is found behind others that wait, a child before them", async () => {
    const { trigger, dispatch, asked, offered, seen } = dispatching();
    const parent = (await created(trigger.one(asked))).run;
    const waiting = trigger.child(asked, parent, () => {});
    seen.room = 1;

    const child = (await created(waiting)).run;
    expect(offered).toEqual([child.id]);

    seen.room = 1;
    dispatch.pass();
    expect(offered).toEqual([child.id, parent.id]);
  });
});
