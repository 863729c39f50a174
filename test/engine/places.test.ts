import { describe, expect, test } from "bun:test";
import type { Outcome } from "../../src/domain/executor.ts";
import type { FlowSpec, OverlapPolicy } from "../../src/domain/flow.ts";
import { aFlow } from "../support/manifests.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { running } from "./support/running.ts";

const PAUSED: Outcome = { type: "paused", message: "waits for Ada", call: 0 };
const DONE: Outcome = { type: "completed" };
const FAILED: Outcome = { type: "failed", message: "x", error: { name: "E", message: "x" } };
const WAITS = "AwaitingConcurrencySlot";
const HOUR = 3_600_000;

function flowWith(overlap: OverlapPolicy, changes: Partial<FlowSpec> = {}): FlowSpec {
  return aFlow({ overlap, retry: { retries: 3, delay: { kind: "list", ms: [HOUR] } }, ...changes });
}

/** A daemon whose one run under the policy has come to `outcome`, and a further one that was asked for. */
async function withOneBegun(flow: FlowSpec, outcome: Outcome, folder = temporaryFolder()) {
  const life = await running([flow], temporaryStore(folder));
  const first = await life.start("report", flow.overlap);
  await life.finish(first.id, outcome);
  const second = await life.ask("report");
  await life.until(() => life.stateName(second) === WAITS);
  /** The next life of the daemon, on the same store. */
  const next = async () => {
    await life.engine.stop();
    await life.store.close(NOON);
    return await running([flow], temporaryStore(folder));
  };
  return { ...life, first, second, next };
}

describe.each(["queue-one", "queue-all"] as const)("under %s", (overlap) => {
  const flow = flowWith(overlap);

  test("a run that waits for a person keeps its place before the next, until it is over", async () => {
    const { engine, first, second, now, until, held, finish } = await withOneBegun(flow, PAUSED);

    await engine.commands.resume(await now(first), "yes");
    await until(() => held.has(first.id));
    expect(held.has(second.id)).toBe(false);
    await finish(first.id, DONE);
    await until(() => held.has(second.id));
    await engine.stop();
  });

  test("a run that waits for a person, and is cancelled, lets the next one go on", async () => {
    const { engine, first, second, now, until, held } = await withOneBegun(flow, PAUSED);

    await engine.commands.cancel(await now(first));

    await until(() => held.has(second.id));
    await engine.stop();
  });

  for (const [what, outcome] of [
    ["for a person", PAUSED],
    ["for its retry", FAILED],
  ] as const) {
    test(`a run that waits ${what} keeps its place over a restart`, async () => {
      const { first, second, next } = await withOneBegun(flow, outcome);

      const { engine, until, held, now, pass, finish, stateName } = await next();

      pass(1);
      if (outcome === PAUSED) await engine.commands.resume(await now(first), "yes");
      pass(HOUR);
      await until(() => held.has(first.id));
      expect(stateName(second)).toBe(WAITS);
      await finish(first.id, DONE);
      await until(() => held.has(second.id));
      await engine.stop();
    });
  }
});

test("under queue-one, a run that was resumed or tried again and finds a limit full makes way for nobody", async () => {
  for (const outcome of [PAUSED, FAILED]) {
    const flow = flowWith("queue-one", { concurrency: 1 });
    const { engine, ask, start, finish, now, pass, until, held, stateName } = await running([flow]);
    const first = await start("report", "queue-one");
    await finish(first.id, outcome);
    const beside = await start("report", "allow");
    if (outcome === PAUSED) await engine.commands.resume(await now(first), "yes");
    pass(HOUR);
    await until(() => stateName(first) === WAITS);

    const [replaced, last] = [await ask("report"), await ask("report")];

    await until(() => stateName(replaced) === "Cancelled");
    expect([stateName(first), held.has(last.id)]).toEqual([WAITS, false]);
    await finish(beside.id, DONE);
    await until(() => held.has(first.id));
    expect(held.has(last.id)).toBe(false);
    await engine.stop();
  }
});

test("under cancel-running, a run that is just being claimed makes way too", async () => {
  const retry = { retries: 1, delay: { kind: "list", ms: [0] } } as const;
  const flow = flowWith("cancel-running", { retry });
  const { engine, start, ask, finish, until, held, cancelled, stateName } = await running([flow]);
  const first = await start("report", "cancel-running");

  // Its next attempt is due at once, and claimed as soon as that is saved.
  const [, second] = await Promise.all([finish(first.id, FAILED), ask("report")]);

  await until(() => cancelled.includes(first.id));
  expect(stateName(first)).toBe("Cancelling");
  await finish(first.id, { type: "cancelled", message: "" });
  await until(() => held.has(second.id));
  await engine.stop();
});

test("a run that waits for a limit is found when there is room, though the clock was put back since", async () => {
  const flow = flowWith("allow", { concurrency: 1 });
  const { engine, start, ask, finish, pass, until, held, clock, stateName } = await running([flow]);
  pass(HOUR);
  const first = await start("report");
  const second = await ask("report");
  await until(() => stateName(second) === WAITS);

  clock.set(NOON);
  await finish(first.id, DONE);

  await until(() => held.has(second.id));
  await engine.stop();
});
