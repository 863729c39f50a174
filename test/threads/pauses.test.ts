import { afterEach, describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import { poolWith } from "./support/pool-with.ts";

const CONFIG = `import { defineConfig, flow, pause, task, v } from "tocsin";
const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const endless = task({ name: "endless", retries: 3, retryDelay: "1h", run: () => { throw new Error("not yet"); } });
const asks = task({ name: "asks", retries: 5, run: () => pause({ message: "in a task" }) });
const after = task({ name: "after", run: () => 1 });
const yes = v.object({ yes: v.boolean() });
const flows = {
  asks: () => pause({ message: "ship it?", timeout: "1h", schema: yes }),
  plain: () => pause(),
  twice: async () => [await pause({ message: "one" }), await pause({ message: "two" })],
  catches: async () => { try { await pause({ message: "caught" }); } catch {} await after(); return "went on"; },
  "caught-quietly": async () => { await pause({ message: "caught" }).catch(() => {}); return "went on"; },
  "in-task": () => asks(),
  beside: async () => { void endless().catch(() => {}); await tick(1); await pause({ message: "beside" }); },
  "bad-timeout": () => pause({ timeout: "soon" }),
};
const never = { retryOn: () => { throw new Error("was asked"); } };
export default defineConfig({ flows: Object.entries(flows).map(([name, run]) => flow({ name, ...never, run: run as never })) });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function run(flow: string, resumed: readonly Json[] = []) {
  const { ledger, start, executor } = poolWith(CONFIG);
  stops.push(() => executor.stop(0));
  const offer = start(flow, { resumed });
  const { outcome } = await ledger.end(offer);
  return { outcome, states: ledger.steps(offer.runId).map(({ after }) => after.state.name) };
}

describe("pause()", () => {
  test("ends the attempt with its message, its limit and what it asks for", async () => {
    const { outcome } = await run("asks");

    if (outcome.type !== "paused") throw new Error(JSON.stringify(outcome));
    expect(outcome).toMatchObject({ message: "ship it?", call: 0 });
    expect((outcome.until ?? 0) - Date.now()).toBeWithin(3_000_000, 3_600_001);
    expect(outcome.schema).toMatchObject({
      type: "object",
      properties: { yes: { type: "boolean" } },
      required: ["yes"],
    });
  });

  test("has no limit and no schema where none is given", async () => {
    expect((await run("plain")).outcome).toEqual({
      type: "paused",
      message: "waits to be resumed",
      call: 0,
    });
  });

  test("answers what the run was resumed with, call by call", async () => {
    expect((await run("asks", [{ yes: true }])).outcome).toMatchObject({ result: '{"yes":true}' });
    expect((await run("twice", ["a"])).outcome).toMatchObject({ type: "paused", call: 1 });
    expect((await run("twice", ["a", null])).outcome).toMatchObject({ result: '["a",null]' });
  });

  test("pauses again when its schema refuses what was given, and says why", async () => {
    expect((await run("asks", [{ yes: "perhaps" }])).outcome).toMatchObject({
      type: "paused",
      call: 0,
      message: expect.stringMatching(/^ship it\? \(refused what was given: input "yes": .+\)$/),
    });
  });

  test("pauses also when what it throws is caught, and no task begins afterwards", async () => {
    const thrownOn = await run("catches");

    expect(thrownOn.outcome).toMatchObject({ type: "paused", message: "caught" });
    expect(thrownOn.states).toEqual([]);
    expect((await run("caught-quietly")).outcome).toMatchObject({ type: "paused" });
  });

  test("ends the task runs that it interrupts as cancelled, without trying them again", async () => {
    const inTask = await run("in-task");
    const beside = await run("beside");

    expect(inTask.outcome).toMatchObject({ type: "paused", message: "in a task" });
    expect(inTask.states).toEqual(["Pending", "Running", "Cancelling", "Cancelled"]);
    expect(beside.outcome).toMatchObject({ type: "paused" });
    expect(beside.states).toEqual(["Pending", "Running", "AwaitingRetry", "Cancelled"]);
  });

  test("fails with a limit that is no duration", async () => {
    expect((await run("bad-timeout")).outcome).toMatchObject({
      type: "failed",
      message: 'Cannot pause: timeout is soon, expected a duration like "30m"',
    });
  });
});
