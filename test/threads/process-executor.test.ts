import { afterEach, describe, expect, test } from "bun:test";
import type { Offer } from "../../src/domain/executor.ts";
import type { Generation } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { selfCommand } from "../../src/self-command.ts";
import { createProcessExecutor } from "../../src/threads/process-executor.ts";
import { aFlow } from "../support/manifests.ts";
import { until } from "../support/until.ts";
import { configDir } from "./support/config-dir.ts";
import { type AddOptions, memoryLedger } from "./support/memory-ledger.ts";
import { generationOf, quietLog } from "./support/pool-with.ts";

const MIB = 1_048_576;

const CONFIG = `import { execSync } from "node:child_process";
import { blocks, defineConfig, flow, task, v } from "tocsin";
const double = task({ name: "double", run: (n: number) => 2 * n });
const endless = task({ name: "endless", run: () => new Promise(() => {}) });
const flows = {
  tasks: async () => ({ four: await double(2), block: await blocks.load("string/x") }),
  writes: () => { console.log("console"); execSync("echo native; printf unfinished >&2", { stdio: "inherit" }); },
  fault: async () => { console.log("last words"); process.kill(process.pid, "SIGSEGV"); await endless(); },
  "dies-in-task": async () => { void endless(); setTimeout(() => process.kill(process.pid, "SIGSEGV"), 5); await endless(); },
  exits: () => { process.exit(3); },
  late: async () => { setTimeout(() => { throw new Error("too late"); }, 1); await new Promise(() => setTimeout(() => {}, 60_000)); },
  loop: () => { for (;;) {} },
  polite: async (_: unknown, { signal }: { signal: AbortSignal }) => { await new Promise((_, no) => signal.addEventListener("abort", () => { console.log("tidies up"); no(signal.reason); })); },
  eats: () => { const all: unknown[] = []; for (;;) all.push(new Array(10_000).fill(Math.random())); },
  swallows: () => new Uint8Array(3_000_000_000).fill(1).length,
};
export default defineConfig({ flows: [
  ...Object.entries(flows).map(([name, run]) => flow({ name, run: run as never })),
  flow({ name: "picky", parameters: v.object({ day: v.string() }), run: ({ day }) => day }),
] });
`;

const PARENTS = `import { defineConfig, flow } from "tocsin";
const child = flow({ name: "child", run: () => "c" });
export default defineConfig({ flows: [child, flow({ name: "parent", run: async () => { await child(); } })] });
`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function executorOn(
  config = CONFIG,
  processesMax = 2,
  answerRequest: (request: ThreadRequest) => Promise<Json> = async () => "a block",
) {
  const ledger = memoryLedger();
  const limited = ["eats", "swallows"].map((name) =>
    aFlow({ name: name as never, isolation: "process", memoryLimitBytes: 128 * MIB }),
  );
  const plain = generationOf(configDir(config));
  const generation: Generation = { ...plain, manifest: { ...plain.manifest, flows: limited } };
  let queue: readonly Offer[] = [];
  const dispatch = () => {
    queue = executor.offer(queue).left;
  };
  const executor = createProcessExecutor({
    ledger,
    clock: () => instant(Date.now()),
    log: quietLog,
    processesMax,
    onRoom: dispatch,
    newest: () => generation,
    answerRequest,
    self: selfCommand(),
  });
  stops.push(() => executor.stop(0));
  const start = (flow: string, options: AddOptions = {}) => {
    const offer = ledger.add(flow, options);
    queue = [...queue, offer];
    dispatch();
    return offer;
  };
  const outcome = async (flow: string, options: AddOptions = {}) =>
    (await ledger.end(start(flow, options))).outcome;
  return { ledger, executor, start, outcome, queue: () => queue };
}

describe("a run in a process of its own", () => {
  test("completes with its result, and its tasks and blocks are those of any run", async () => {
    const { ledger, start } = executorOn();
    const offer = start("tasks");
    const { outcome, startedAt } = await ledger.end(offer);

    expect(outcome).toEqual({ type: "completed", result: '{"four":4,"block":"a block"}' as never });
    expect(startedAt).toBeGreaterThan(0);
    expect(ledger.steps(offer.runId).at(-1)?.after.state.name).toBe("Completed");
  });

  test("has what is written past the console as log lines, an unfinished one too", async () => {
    const { ledger, start } = executorOn();
    const offer = start("writes");
    await ledger.end(offer);

    const lines = ledger.lines(offer.runId).map(({ level, text }) => `${level} ${text}`);
    expect([...lines].sort()).toEqual(["error unfinished", "info console", "info native"]);
  });

  test("is checked for its parameters", async () => {
    expect(await executorOn().outcome("picky")).toMatchObject({ type: "failed", final: true });
    expect(await executorOn().outcome("picky", { parameters: { day: "Monday" } })).toMatchObject({
      type: "completed",
      result: '"Monday"',
    });
  });

  test("that dies has crashed, with all that is known", async () => {
    const { outcome } = executorOn();

    expect(await outcome("fault")).toMatchObject({
      type: "crashed",
      message: expect.stringMatching(/killed by SIGSEGV.*last log line "last words"/),
    });
    expect(await outcome("exits")).toMatchObject({
      type: "crashed",
      message: expect.stringMatching(/exit\(3\)/),
    });
    expect(await outcome("late")).toMatchObject({
      type: "crashed",
      message: expect.stringMatching(/too late/),
    });
  });

  test("that dies leaves no task open", async () => {
    const { ledger, start } = executorOn();
    const offer = start("dies-in-task");
    await ledger.end(offer);

    const last = new Map(
      ledger.steps(offer.runId).map(({ after }) => [after.id, after.state.name]),
    );
    expect([...last.values()]).toEqual(["Crashed", "Crashed"]);
  });

  test("that uses more memory than its limit has crashed, and is told so", async () => {
    const { outcome } = executorOn();
    const crashed = { type: "crashed", message: expect.stringMatching(/the limit of 128 MiB/) };

    expect(await outcome("eats")).toMatchObject(crashed);
    expect(await outcome("swallows")).toMatchObject(crashed);
  });
});

describe("stopping a run in a process of its own", () => {
  test("kills an endless loop at its time limit", async () => {
    expect(await executorOn().outcome("loop", { timeoutMs: 100, graceMs: 20 })).toMatchObject({
      type: "timed-out",
      message: expect.stringMatching(/100 ?ms.*killed/),
    });
  });

  test("lets it tidy up when it is cancelled", async () => {
    const { ledger, executor, start } = executorOn();
    const offer = start("polite");
    await until("it begins", () => ledger.began.includes(offer.runId));

    executor.cancel(offer.runId, 60_000);

    expect((await ledger.end(offer)).outcome).toMatchObject({ type: "cancelled" });
    expect(ledger.lines(offer.runId).map(({ text }) => text)).toEqual(["tidies up"]);
  });

  test("reports it as crashed when the daemon stops", async () => {
    const { ledger, executor, start } = executorOn();
    const offer = start("loop");
    await until("it begins", () => ledger.began.includes(offer.runId));

    await executor.stop(20);

    expect(ledger.ends.get(offer.runId)?.outcome).toMatchObject({ type: "crashed" });
    expect(executor.offer([ledger.add("tasks")]).full).toBe(true);
  });
});

test("as many processes run as there may be, and the others follow", async () => {
  const { ledger, executor, start, queue } = executorOn(CONFIG, 1);
  const offers = [start("writes"), start("writes"), start("writes")];

  expect(queue()).toHaveLength(2);
  const ends = await Promise.all(offers.map((offer) => ledger.end(offer)));

  expect(ends.map(({ outcome }) => outcome.type)).toEqual(["completed", "completed", "completed"]);
  expect(executor.held()).toEqual([]);
  expect(executor.health()).toEqual({ threads: 0, busy: 0, stuck: 0 });
});

test("parents in processes that wait take up no place, yet begin only as many as there are places", async () => {
  const release = Promise.withResolvers<Json>();
  let asked = 0;
  const made = executorOn(PARENTS, 1, () => {
    asked += 1;
    return release.promise;
  });
  const first = made.start("parent");
  await until("it waits", () => asked === 1);

  const second = made.start("parent");
  expect(await made.outcome("child")).toMatchObject({ type: "completed" });
  expect([asked, made.queue().map(({ runId }) => runId)]).toEqual([1, [second.runId]]);

  release.resolve({
    run: { name: "x", state: { type: "COMPLETED", name: "Completed", message: "" } },
  });
  for (const offer of [first, second]) {
    expect((await made.ledger.end(offer)).outcome.type).toBe("completed");
  }
});

test("a config that cannot be imported any more crashes the run with the reason", async () => {
  expect(await executorOn(`throw new Error("gone wrong");`).outcome("any")).toMatchObject({
    type: "crashed",
    message: expect.stringMatching(/gone wrong/),
  });
});
