import { expect, test } from "bun:test";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

/*
 * What Prefect's own tests say of state change hooks (tests/test_flows.py and tests/test_tasks.py, the
 * classes TestFlowHooksOn…, TestTaskHooksOn…), restated for ours. A departure says so.
 */

const STORY_MS = 90_000;

/** A hook that does nothing but be on record: its deliveries tell when it rang. */
const noted = (name: string) => `hook({ name: "${name}", retry: [], run: () => {} })`;

const CODE = `
const all = (...names) => Object.fromEntries(
  ["onRunning", "onCompletion", "onFailure", "onCancellation", "onCrashed"].map((moment) =>
    [moment, names.map((name) => hook({ name, retry: [], run: () => {} }))]));
const succeeds = flow({ name: "succeeds", ...all("first", "second"), run: () => {} });
const fails = flow({ name: "fails", ...all("only"), run: () => { throw new Error("oops!"); } });
const retried = flow({ name: "retried", retries: 2, retryDelay: 0, ...all("only"), run: () => { throw new Error("oops!"); } });
const recovers = flow({ name: "recovers", retries: 1, retryDelay: 0, ...all("only"), run: (_, { run }) => { if (run.attempt === 1) throw new Error("once"); } });
const badHook = flow({ name: "bad-hook", onCompletion: [hook({ name: "broken", retry: [], run: () => { throw new Error("in the hook"); } }), ${noted("after")}], run: () => {} });
const slow = flow({ name: "slow", timeout: "200ms", grace: "50ms", ...all("only"), run: async () => { await wait(60_000); } });
const strict = flow({ name: "strict", parameters: v.object({ day: v.string() }), ...all("only"), run: () => { console.log("the body was called"); } });
const endless = flow({ name: "endless", grace: "100ms", ...all("only"), run: async (_, { signal }) => { await wait(60_000, undefined, { signal }); } });
const exits = flow({ name: "exits", ...all("only"), run: () => { process.exit(3); } });
const taskOk = task({ name: "task-ok", onRunning: [${noted("t-running")}], onCompletion: [${noted("t-done")}], run: () => 7 });
const taskBad = task({ name: "task-bad", retries: 2, onRunning: [${noted("t-running")}], onFailure: [${noted("t-failed")}], onCompletion: [${noted("t-done")}], run: () => { throw new Error("task oops"); } });
const taskExits = task({ name: "task-exits", onCrashed: [${noted("t-crashed")}], run: () => { process.exit(4); } });
const withTask = flow({ name: "with-task", ...all("only"), run: async () => await taskOk() });
const withBadTask = flow({ name: "with-bad-task", ...all("only"), run: async () => { await taskBad(); } });
const withCaught = flow({ name: "with-caught", ...all("only"), run: async () => { try { await taskBad(); } catch { return "went on"; } } });
const withExit = flow({ name: "with-exit", ...all("only"), run: async () => { await taskExits(); } });
`;
const FLOWS = [
  "succeeds",
  "fails",
  "retried",
  "recovers",
  "badHook",
  "slow",
  "strict",
  "endless",
  "exits",
  "withTask",
  "withBadTask",
  "withCaught",
  "withExit",
];

/** The run once every delivery of it is over, and which hooks rang, as `moment name`. */
async function rung(
  daemon: TestDaemon,
  id: string,
): Promise<{ run: RunView; rung: readonly string[] }> {
  const run = await daemon.untilRun(id, isOver);
  const deliveries = await until(
    "every delivery is over",
    async () => {
      const found = await daemon.deliveries(id);
      return found.every(({ status }) => status === "delivered" || status === "dead")
        ? found
        : undefined;
    },
    daemon,
  );
  return { run, rung: deliveries.map(({ moment, hook }) => `${moment} ${hook.split("/").at(-1)}`) };
}

const ENDS: readonly {
  readonly says: string;
  readonly flow: string;
  readonly state: string;
  readonly rung: readonly string[];
}[] = [
  {
    says: "rings every hook of the moment, in the order in which they were given, and none of another",
    flow: "succeeds",
    state: "Completed",
    rung: ["onRunning first", "onRunning second", "onCompletion first", "onCompletion second"],
  },
  {
    says: "rings onFailure once for a flow that fails",
    flow: "fails",
    state: "Failed",
    rung: ["onRunning only", "onFailure only"],
  },
  {
    says: "rings onFailure once after all retries, and onRunning at each attempt",
    flow: "retried",
    state: "Failed",
    rung: ["onRunning only", "onRunning only", "onRunning only", "onFailure only"],
  },
  {
    says: "rings no onFailure when a retry succeeds",
    flow: "recovers",
    state: "Completed",
    rung: ["onRunning only", "onRunning only", "onCompletion only"],
  },
  {
    says: "goes on to the next hook after one that throws",
    flow: "bad-hook",
    state: "Completed",
    rung: ["onCompletion broken", "onCompletion after"],
  },
  {
    says: "rings onFailure for a timeout",
    flow: "slow",
    state: "TimedOut",
    rung: ["onRunning only", "onFailure only"],
  },
  {
    says: "rings onFailure and nothing else for parameters that do not fit",
    flow: "strict",
    state: "Failed",
    rung: ["onFailure only"],
  },
  {
    says: "rings onCrashed when the process is exited",
    flow: "exits",
    state: "Crashed",
    rung: ["onRunning only", "onCrashed only"],
  },
  {
    says: "rings a task's hooks beside its flow's",
    flow: "with-task",
    state: "Completed",
    rung: ["onRunning only", "onRunning t-running", "onCompletion t-done", "onCompletion only"],
  },
  {
    says: "rings a task's onFailure once after its retries, and onRunning at each of its attempts",
    flow: "with-bad-task",
    state: "Failed",
    rung: [
      "onRunning only",
      "onRunning t-running",
      "onRunning t-running",
      "onRunning t-running",
      "onFailure t-failed",
      "onFailure only",
    ],
  },
  {
    says: "rings a task's onFailure and its flow's onCompletion when the flow catches the error",
    flow: "with-caught",
    state: "Completed",
    rung: [
      "onRunning only",
      "onRunning t-running",
      "onRunning t-running",
      "onRunning t-running",
      "onFailure t-failed",
      "onCompletion only",
    ],
  },
  {
    says: "rings onCrashed of the task and of its flow when the task exits the process",
    flow: "with-exit",
    state: "Crashed",
    rung: ["onRunning only", "onCrashed t-crashed", "onCrashed only"],
  },
];

test(
  "hooks ring as Prefect's own tests say",
  async () => {
    await using scene = await aScene(configText({ code: CODE, flows: FLOWS }));
    const daemon = await scene.serve();

    const runs = await Promise.all(ENDS.map(({ flow }) => daemon.trigger(flow)));
    const ends = await Promise.all(runs.map(({ id }) => rung(daemon, id)));

    for (const [index, { says, state, rung: expected }] of ENDS.entries()) {
      const end = ends[index];
      expect([says, end?.run.state.name, end?.rung]).toEqual([says, state, expected]);
    }
    const strict = ends[ENDS.findIndex(({ flow }) => flow === "strict")]?.run;
    expect(strict?.state.message).toContain("day");
    expect(await daemon.lines(strict?.id ?? "")).toEqual([]);
    const failed = ends[ENDS.findIndex(({ flow }) => flow === "with-bad-task")]?.run;
    expect(failed?.state.message).toBe('task "task-bad": task oops');
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "onCancellation rings once, on entering Cancelling, and nothing rings on the Cancelled after it",
  async () => {
    await using scene = await aScene(configText({ code: CODE, flows: FLOWS }));
    const daemon = await scene.serve();
    const { id } = await daemon.trigger("endless");
    await daemon.untilRun(id, ({ state }) => state.type === "RUNNING");

    expect((await daemon.post(`/api/runs/${id}/cancel`)).status).toBe(202);
    const end = await rung(daemon, id);

    expect([end.run.state.name, end.rung]).toEqual([
      "Cancelled",
      ["onRunning only", "onCancellation only"],
    ]);
    expect((await daemon.states(id)).slice(-2)).toEqual(["Cancelling", "Cancelled"]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
