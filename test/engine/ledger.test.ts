import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { Outcome } from "../../src/domain/executor.ts";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { SlotName, TaskRunId } from "../../src/domain/ids.ts";
import type { TaskRun } from "../../src/domain/run.ts";
import { createSlots } from "../../src/domain/slots.ts";
import { cancelRun } from "../../src/engine/cancel.ts";
import { createKnownRuns } from "../../src/engine/known-runs.ts";
import { createLedger } from "../../src/engine/ledger.ts";
import { recover } from "../../src/engine/recover.ts";
import { createLog } from "../../src/log.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { listRunsById } from "../../src/store/open-runs.ts";
import { aFlow } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

const log = createLog({
  format: "json",
  level: "error",
  write: (line) => process.stderr.write(line),
});
const FAILED: Outcome = {
  type: "failed",
  error: { name: "Error", message: "oops!" },
  message: "oops!",
};
const CRASHED: Outcome = { type: "crashed", message: "it exited" };

function ledgerOver(flow: FlowSpec = aFlow(), store = temporaryStore()) {
  const deps = {
    store,
    clock: () => NOON,
    chance: () => 0,
    log,
    slots: createSlots(),
    flowNamed: () => flow,
    readRuns: createKnownRuns(store).read,
    onSettled: () => {},
  };
  const ledger = createLedger(deps);
  const history = historyOf(store.reader);
  async function claimed() {
    const run = aRun(store);
    await store.saveRunStep({ before: undefined, after: run });
    const [claim] = await ledger.claim([{ runId: run.id, flow: run.flow }], "here");
    if (claim === undefined) throw new Error("it was not to be had");
    return {
      run,
      claim,
      finish: (outcome: Outcome) =>
        ledger.finish(run.id, claim.token, { outcome, startedAt: at(1), endedAt: at(2) }),
    };
  }
  const names = async (run: { readonly id: string }) => {
    const found = await history.findRun(run.id);
    if (found === undefined || found === "ambiguous") throw new Error("no such run");
    return (await history.listTransitions(found))
      .filter(({ task }) => task === undefined)
      .map(({ state }) => state.name);
  };
  return { store, ledger, history, claimed, names, slots: deps.slots };
}

const aTask: TaskRun = {
  id: "019e830e-1a00-7c53-9f99-ea7893f18303" as TaskRunId,
  task: "extract",
  call: 0,
  rev: 1,
  state: { type: "PENDING", name: "Pending", message: "", at: NOON },
  attempt: 0,
  createdAt: NOON,
};

describe("the ledger", () => {
  test("records every state of a run that completes, and that it began when the thread says so", async () => {
    const { claimed, names, history } = ledgerOver();
    const { run, finish } = await claimed();

    expect(await finish({ type: "completed" })).toBe("accepted");

    expect(await names(run)).toEqual(["Scheduled", "Pending", "Running", "Completed"]);
    expect(await history.findRun(run.id)).toMatchObject({
      attempt: 1,
      startedAt: at(1),
      endedAt: at(2),
    });
  });

  test("gives a run to one claimer only", async () => {
    const { ledger, claimed } = ledgerOver();
    const { run } = await claimed();

    expect(await ledger.claim([{ runId: run.id, flow: run.flow }], "there")).toEqual([undefined]);
  });

  test("refuses a holder whose token is not the newest", async () => {
    const { ledger, claimed, names } = ledgerOver();
    const { run, claim } = await claimed();
    const ended = { outcome: { type: "completed" } as const, endedAt: at(2) };

    expect(await ledger.finish(run.id, claim.token - 1, ended)).toBe("stale");
    expect(ledger.heartbeat(run.id, claim.token - 1)).toBe("fenced");
    expect(await names(run)).toEqual(["Scheduled", "Pending"]);
  });

  test("lets a failed run wait for its retries, then fail, with the delays of the config", async () => {
    const flow = aFlow({ retry: { retries: 1, delay: { kind: "list", ms: [5_000] } } });
    const { ledger, claimed, names, history } = ledgerOver(flow);
    const { run, finish } = await claimed();

    await finish(FAILED);
    expect(await history.findRun(run.id)).toMatchObject({
      state: { name: "AwaitingRetry", dueAt: at(5_002) },
    });
    const [again] = await ledger.claim([{ runId: run.id, flow: run.flow }], "here");
    await ledger.finish(run.id, again?.token ?? 0, {
      outcome: FAILED,
      startedAt: at(6_000),
      endedAt: at(6_001),
    });

    expect(await names(run)).toEqual([
      "Scheduled",
      "Pending",
      "Running",
      "AwaitingRetry",
      "Pending",
      "Retrying",
      "Failed",
    ]);
  });

  test("does not retry what another attempt cannot mend", async () => {
    const flow = aFlow({ retry: { retries: 3, delay: { kind: "list", ms: [0] } } });
    const { claimed, names } = ledgerOver(flow);
    const { run, finish } = await claimed();

    await finish({ ...FAILED, final: true } as Outcome);

    expect((await names(run)).at(-1)).toBe("Failed");
  });

  test("does not count a crash against the retries, and retries it only where the flow says so", async () => {
    const once = ledgerOver(aFlow({ retry: { retries: 3, delay: { kind: "list", ms: [0] } } }));
    const twice = ledgerOver(aFlow({ retryCrashed: 1 }));
    const first = await once.claimed();
    const second = await twice.claimed();

    await first.finish(CRASHED);
    await second.finish(CRASHED);

    expect((await once.names(first.run)).at(-1)).toBe("Crashed");
    expect((await twice.names(second.run)).at(-1)).toBe("AwaitingRetry");
  });

  test("takes open task runs along when their run crashes", async () => {
    const { ledger, claimed, history } = ledgerOver();
    const { run, claim, finish } = await claimed();
    const start = advance(aTask, { type: "start" }, NOON);
    ledger.tasks(run.id, claim.token, [{ before: undefined, after: aTask }, start]);

    await finish(CRASHED);

    expect(await history.listTaskRuns(run)).toMatchObject([
      { task: "extract", state: { name: "Crashed" } },
    ]);
  });

  test("says of an attempt that crashed what it said last", async () => {
    const { ledger, claimed, history } = ledgerOver();
    const { run, claim, finish } = await claimed();
    ledger.log(run.id, claim.token, [{ at: NOON, level: "info", text: "copying 7 of 9" }]);

    await finish(CRASHED);

    expect(await history.findRun(run.id)).toMatchObject({
      state: { message: 'it exited; its last log line: "copying 7 of 9"' },
    });
  });

  test("cancels what waits at once and what is held through Cancelling, whatever the body answers", async () => {
    const { store, ledger, claimed, names } = ledgerOver();
    const asked: string[] = [];
    const executor = { cancel: (runId: string) => void asked.push(runId) };
    const deps = { store, clock: () => NOON, ledger, executor, flowNamed: () => aFlow() };
    const waiting = aRun(store);
    await store.saveRunStep({ before: undefined, after: waiting });
    const { run, finish } = await claimed();

    expect(await cancelRun(waiting, deps)).toBe("cancelled");
    expect(await cancelRun(run, deps)).toBe("cancelling");
    await finish({ type: "completed" });
    expect(await cancelRun(run, deps)).toBe("too-late");

    expect(asked).toEqual([run.id]);
    expect(await names(waiting)).toEqual(["Scheduled", "Cancelled"]);
    expect((await names(run)).slice(-2)).toEqual(["Cancelling", "Cancelled"]);
  });
});

describe("recovery", () => {
  test("crashes what a dead daemon left in flight, tasks included, and leaves what waits", async () => {
    const folder = temporaryFolder();
    const before = ledgerOver(aFlow(), temporaryStore(folder));
    const { run, claim } = await before.claimed();
    const waiting = aRun(before.store);
    await before.store.saveRunStep({ before: undefined, after: waiting });
    before.ledger.tasks(run.id, claim.token, [{ before: undefined, after: aTask }]);
    await before.store.close(NOON);

    const after = ledgerOver(aFlow(), temporaryStore(folder));
    const quiet = createLog({ format: "json", level: "error", write: () => {} });
    const count = await recover({
      store: after.store,
      log: quiet,
      now: at(60_000),
      flowNamed: () => aFlow(),
    });

    expect(count).toBe(1);
    expect(await after.names(run)).toEqual(["Scheduled", "Pending", "Crashed"]);
    expect(await after.names(waiting)).toEqual(["Scheduled"]);
    const [task] = await after.history.listTaskRuns(run);
    expect(task?.state).toMatchObject({
      name: "Crashed",
      message: expect.stringContaining("the daemon stopped"),
    });
  });
});

describe("a run that is given back", () => {
  test("waits as before, with its limits free, and may be claimed again", async () => {
    const { ledger, store, claimed, names, slots } = ledgerOver();
    slots.useSizes(new Map([["flow:report" as SlotName, 1]]));
    const { run, claim } = await claimed();
    expect(slots.room("flow:report" as SlotName)).toBe(0);

    expect(ledger.release(run.id, claim.token)).toBe(true);
    await store.saved();
    await new Promise((told) => setImmediate(told));

    expect(ledger.isHeld(run.id)).toBe(false);
    expect(slots.room("flow:report" as SlotName)).toBe(1);
    expect(listRunsById(store.reader, [run.id])[0]?.state).toMatchObject({
      ...{ name: "Scheduled", dueAt: NOON, message: "there was no room for it yet" },
    });
    const [again] = await ledger.claim([{ runId: run.id, flow: run.flow }], "here");
    expect(again?.attempt).toBe(1);
    expect(await names(run)).toEqual(["Scheduled", "Pending", "Scheduled", "Pending"]);
  });

  test("is not, once it has begun, is being cancelled, or was claimed by somebody else", async () => {
    const { ledger, claimed } = ledgerOver();
    const [begun, cancelling, stale] = [await claimed(), await claimed(), await claimed()];
    ledger.started(begun.run.id, begun.claim.token, at(1));
    await ledger.cancelHeld(cancelling.run.id, "by Ada");

    expect(ledger.release(begun.run.id, begun.claim.token)).toBe(false);
    expect(ledger.release(cancelling.run.id, cancelling.claim.token)).toBe(false);
    expect(ledger.release(stale.run.id, stale.claim.token + 1)).toBe(false);
    expect(await begun.finish({ type: "completed" })).toBe("accepted");
  });
});
