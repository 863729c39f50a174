import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { Outcome } from "../../src/domain/executor.ts";
import { type FlowName, type RunId, type TaskRunId, uuidv7 } from "../../src/domain/ids.ts";
import { jsonText } from "../../src/domain/json.ts";
import type { Advancing, TaskRun } from "../../src/domain/run.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { findCached } from "../../src/store/kept-results.ts";
import { aFlow } from "../support/manifests.ts";
import { at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { running } from "./support/running.ts";

const report = aFlow({ priority: 7 });
const PAUSED: Outcome = { type: "paused", message: "waits for Ada", call: 0 };

function aTaskRun(changes: Partial<TaskRun>): TaskRun {
  return {
    id: uuidv7(NOON) as TaskRunId,
    task: "extract",
    call: 0,
    rev: 3,
    state: { type: "COMPLETED", name: "Completed", message: "", at: NOON },
    attempt: 1,
    createdAt: NOON,
    startedAt: NOON,
    endedAt: NOON,
    result: jsonText({ rows: 7 }),
    ...changes,
  };
}

describe("a paused run", () => {
  test("gives its slot back, and goes on with what it is given when it is resumed", async () => {
    const flow = aFlow({ concurrency: 1 });
    const { engine, start, finish, now, held, until } = await running([flow]);
    const run = await start("report");
    await finish(run.id, { ...PAUSED, schema: { type: "object" } });
    expect((await now(run)).state).toMatchObject({
      name: "Paused",
      message: "waits for Ada",
      pause: { call: 0 },
    });

    const other = await start("report");
    await finish(other.id, { type: "completed" });
    expect(await engine.commands.resume(await now(run), { answer: 42 })).toBe("resumed");
    await until(() => held.has(run.id));

    expect(held.get(run.id)).toMatchObject({ attempt: 2, resumed: [{ answer: 42 }] });
    await finish(run.id, { type: "completed" });
    expect((await now(run)).state.name).toBe("Completed");
    expect(await engine.commands.resume(await now(run), null)).toBe("not-paused");
    await engine.stop();
  });

  test("fails when nobody resumes it in time", async () => {
    const { engine, start, finish, now, clock, until } = await running([report]);
    const run = await start("report");
    await finish(run.id, { ...PAUSED, until: at(60_000) });

    clock.advance(60_001);
    const other = await start("report");
    await finish(other.id, PAUSED);
    let over = false;
    void (async () => {
      while ((await now(run)).state.type === "PAUSED")
        await new Promise((resolve) => setImmediate(resolve));
      over = true;
    })();
    await until(() => over);

    expect((await now(run)).state).toMatchObject({
      name: "TimedOut",
      message: "nobody resumed it in time",
    });
    await engine.stop();
  });

  test("is still paused after a restart, and can be cancelled", async () => {
    const folder = temporaryFolder();
    const before = await running([report], temporaryStore(folder));
    const run = await before.start("report");
    await before.finish(run.id, { ...PAUSED, call: 1, until: at(600_000) });
    await before.engine.stop();
    await before.store.close(NOON);

    const after = await running([report], temporaryStore(folder));
    expect((await after.now(run)).state).toMatchObject({
      name: "Paused",
      pause: { call: 1, until: at(600_000) },
    });
    await after.engine.commands.resume(await after.now(run), "yes");
    await after.until(() => after.held.has(run.id));
    await after.finish(run.id, { ...PAUSED, call: 2 });
    expect(await after.engine.commands.cancel(await after.now(run))).toBe("cancelled");
    expect(await after.engine.commands.rerun(await after.now(run))).toBe("scheduled");
    await after.until(() => after.held.has(run.id));
    await after.engine.stop();
  });
});

describe("a run that is executed again", () => {
  test("is the same run, Rerunning, with its tasks' kept results", async () => {
    const { engine, store, start, finish, now, held, until } = await running([report]);
    const run = await start("report");
    const tasks = [
      aTaskRun({ keep: "mon" }),
      aTaskRun({ call: 1, keep: "tue", result: jsonText(2) }),
      aTaskRun({ call: 2 }),
    ];
    await finish(
      run.id,
      { type: "failed", error: { name: "E", message: "x" }, message: "x" },
      tasks,
    );
    expect(await engine.commands.rerun(await now(run))).toBe("scheduled");
    await until(() => held.has(run.id));

    expect(held.get(run.id)?.kept).toEqual([
      { task: "extract", call: 0, key: "mon", result: jsonText({ rows: 7 }) },
      { task: "extract", call: 1, key: "tue", result: jsonText(2) },
    ]);
    expect(await engine.commands.rerun(await now(run))).toBe("not-over");
    await finish(run.id, { type: "completed" });
    const names = (await historyOf(store.reader).listTransitions(await now(run))).map(
      ({ state }) => state.name,
    );
    expect(names).toContain("Rerunning");
    await engine.stop();
  });
});

test("a cached result answers until it expires", async () => {
  const { engine, store, start, finish } = await running([report]);
  const run = await start("report");
  await finish(run.id, { type: "completed" }, [
    aTaskRun({ cache: { key: "k", expiresAt: at(1_000) } }),
  ]);
  await store.saved();

  expect(findCached(store.reader, { task: "extract", key: "k", now: at(999) })).toEqual({
    found: true,
    result: { rows: 7 },
  });
  expect(findCached(store.reader, { task: "extract", key: "k", now: at(1_000) })).toEqual({
    found: false,
  });
  expect(findCached(store.reader, { task: "extract", key: "other", now: at(0) })).toEqual({
    found: false,
  });
  await engine.stop();
});

describe("child runs", () => {
  const parent = aFlow({ name: "parent" as FlowName });
  const child = aFlow({ name: "child" as FlowName });

  test("carry their parent's id, and their end is told to it", async () => {
    const { engine, start, finish, held, until } = await running([parent, child]);
    const run = await start("parent");

    const end = engine.runChild(run.id, "child", { day: "mon" });
    await until(() => held.size === 2);
    const claim = [...held.values()].find(({ runId }) => runId !== run.id);
    expect(claim?.run).toMatchObject({
      flow: "child",
      parent: run.id,
      parameters: '{"day":"mon"}',
    });
    await finish(claim?.runId as RunId, { type: "completed", result: jsonText(7) });

    expect(await end).toMatchObject({ state: { name: "Completed" }, result: "7" });
    await engine.stop();
  });

  test("are cancelled before their parent, and with an attempt that ends without them", async () => {
    const { engine, start, finish, now, held, cancelled, until } = await running([parent, child]);
    const run = await start("parent");
    void engine.runChild(run.id, "child", {});
    await until(() => held.size === 2);
    const [first] = [...held.keys()].filter((id) => id !== run.id) as [RunId];

    await engine.commands.cancel(await now(run));
    expect(cancelled).toEqual([first, run.id]);

    const second = await start("parent");
    void engine.runChild(second.id, "child", {});
    await until(() => [...held.values()].some((claim) => claim.run.parent === second.id));
    await finish(second.id, { type: "crashed", message: "it exited" });
    await until(() => cancelled.length === 3);
    await engine.stop();
  });

  test("of a flow that there is not are refused, and so are flows that call each other for ever", async () => {
    const { engine, start, held, until } = await running([parent, child]);
    let run: { id: RunId } = await start("parent");

    expect(engine.runChild(run.id, "nobody", {})).rejects.toThrow(
      'Cannot run flow "nobody" inside a flow',
    );
    for (let depth = 0; depth < 16; depth += 1) {
      const above = run.id;
      void engine.runChild(above, "child", {});
      await until(() => [...held.values()].some((claim) => claim.run.parent === above));
      run = { id: [...held.values()].find((claim) => claim.run.parent === above)?.runId as RunId };
    }
    expect(engine.runChild(run.id, "child", {})).rejects.toThrow("16 deep");
    await engine.stop();
  });
});

test("an advance from Paused keeps what was asked for out of the next state", () => {
  const run: Advancing = {
    rev: 1,
    attempt: 1,
    state: { type: "RUNNING", name: "Running", message: "", at: NOON },
  };
  const paused = advance(
    run,
    { type: "pause", pause: { call: 0, until: at(5) }, message: "" },
    NOON,
  ).after;

  expect(advance(paused, { type: "resume", dueAt: NOON }, NOON).after.state).toEqual({
    type: "SCHEDULED",
    name: "Scheduled",
    message: "resumed",
    at: NOON,
    dueAt: NOON,
  });
});
