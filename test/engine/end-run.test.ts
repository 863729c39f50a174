import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Outcome } from "../../src/domain/executor.ts";
import type { TaskRunId } from "../../src/domain/ids.ts";
import { isoOf } from "../../src/domain/instant.ts";
import { jsonText } from "../../src/domain/json.ts";
import type { Run, TaskRun } from "../../src/domain/run.ts";
import { createSlots } from "../../src/domain/slots.ts";
import { createKnownRuns } from "../../src/engine/known-runs.ts";
import { createLedger } from "../../src/engine/ledger.ts";
import { createLog } from "../../src/log.ts";
import { checkStore } from "../../src/store/care-check.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { HranaServer } from "../support/hrana-server.ts";
import { aFlow } from "../support/manifests.ts";
import { remoteStore, temporaryServer } from "../support/remote-stores.ts";
import { aRun, at, NOON, temporaryFolder } from "../support/stores.ts";

setDefaultTimeout(30_000);
const BYTES_MAX = 100_000;
const LARGE = "x".repeat(BYTES_MAX);

const servers: HranaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A run that is under way, in the store of a server that takes no request larger than BYTES_MAX. */
async function aRunUnderWay() {
  const server = await temporaryServer({ bytesMax: BYTES_MAX });
  servers.push(server);
  const store = await remoteStore(server, temporaryFolder());
  const said: string[] = [];
  const log = createLog({ format: "json", level: "warn", write: (line) => said.push(line) });
  const settled: Run[] = [];
  const ledger = createLedger({
    ...{ store, log, clock: () => NOON, chance: () => 0, slots: createSlots() },
    ...{ flowNamed: () => aFlow(), readRuns: createKnownRuns(store).read },
    onSettled: (run) => settled.push(run),
  });
  const run = aRun(store);
  await store.saveRunStep({ before: undefined, after: run });
  const [claim] = await ledger.claim([{ runId: run.id, flow: run.flow }], "here");
  if (claim === undefined) throw new Error("it was not to be had");
  ledger.started(run.id, claim.token, at(1));
  const end = (outcome: Outcome) =>
    ledger.finish(run.id, claim.token, { outcome, startedAt: at(1), endedAt: at(2) });
  const found = async () => {
    const one = await historyOf(store.reader).findRun(run.id);
    if (one === undefined || one === "ambiguous") throw new Error("no such run");
    return one;
  };
  return { store, ledger, run, token: claim.token, end, found, said, settled };
}

describe("an end that a server finds too large", () => {
  test("of a run that completed is saved without its result, and says so", async () => {
    const { store, end, found, said, settled } = await aRunUnderWay();

    expect(await end({ type: "completed", result: jsonText(LARGE) })).toBe("accepted");

    const run = await found();
    expect(run).toMatchObject({ state: { name: "Completed" }, startedAt: at(1), endedAt: at(2) });
    expect(run.state.message).toMatch(/^Cannot keep the result: .+ finds it too large/);
    expect(run).not.toHaveProperty("result");
    expect(settled).toEqual([run]);
    expect(said.join("")).toMatch(
      /Cannot save all of how run .+ ended: it is recorded as Completed \(/,
    );
    expect(said.join("")).not.toContain("moved by somebody else");
    expect(checkStore(store.reader)).toMatchObject({ ok: true, faults: [] });
    await store.close(NOON);
  });

  test("of a run that failed is saved without its stack and causes", async () => {
    const { store, end, found } = await aRunUnderWay();
    const cause = { name: "Error", message: LARGE };
    const error = { name: "Error", message: "no disk", stack: "at …", cause };

    expect(await end({ type: "failed", error, message: "no disk" })).toBe("accepted");

    const { state } = await found();
    expect(state).toMatchObject({ name: "Failed", message: "no disk" });
    expect("error" in state && state.error).toEqual({ name: "Error", message: "no disk" });
    await store.close(NOON);
  });

  test("of an attempt that has no shorter one is a crash that says what it was", async () => {
    const { store, end, found } = await aRunUnderWay();
    const schema = { description: LARGE };

    expect(await end({ type: "paused", message: "go on?", call: 0, schema })).toBe("accepted");

    expect((await found()).state).toMatchObject({
      name: "Crashed",
      message: expect.stringMatching(/^cannot save that it is Paused: go on\?; .+ too large/),
    });
    await store.close(NOON);
  });

  test("of a task run is saved without its result, under no key that a later attempt finds", async () => {
    const { store, ledger, run, token, end, found } = await aRunUnderWay();
    const running = aTaskRun({ type: "RUNNING", name: "Running", message: "", at: at(1) });
    const state = { type: "COMPLETED", name: "Completed", message: "", at: at(1) } as const;
    const result = jsonText(LARGE);
    const completed = { ...running, rev: 2, state, endedAt: at(1), result, keep: "mon" };

    ledger.tasks(run.id, token, [{ before: running, after: completed }]);
    await store.saved();
    await end({ type: "completed" });
    await store.saved();

    const [task] = await historyOf(store.reader).listTaskRuns(await found());
    expect(task).toMatchObject({ state: { name: "Completed" }, endedAt: isoOf(at(1)) });
    expect(task?.state.message).toMatch(/^Cannot keep the result: /);
    expect(store.reader.all("SELECT keep, result FROM task_run")).toEqual([
      { keep: null, result: null },
    ]);
    await store.close(NOON);
  });
});

test("an end of which nothing can be saved is told of, as what it is", async () => {
  const { store, end, said, settled } = await aRunUnderWay();
  await store.close(NOON);

  expect(await end({ type: "completed" })).toBe("stale");

  expect(settled).toHaveLength(1);
  expect(said.join("")).toMatch(
    /Cannot save the end of run .+: it stays open until the next start/,
  );
});

function aTaskRun(state: TaskRun["state"]): TaskRun {
  return {
    ...{ id: "019e830e-1a00-7c53-9f99-ea7893f18303" as TaskRunId, task: "extract", call: 0 },
    ...{ rev: 1, state, attempt: 1, createdAt: NOON, startedAt: at(1) },
  };
}
