import { expect, test } from "bun:test";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

/** Notes when a run begins and ends, and goes on until a file named like its run says so, or all may. */
const body = `async (_, { run, signal }) => {
  appendFileSync("seen.txt", \`begin \${run.name}\\n\`);
  while (!existsSync(\`end-\${run.name}\`) && !existsSync("end-all")) await wait(10, undefined, { signal });
  appendFileSync("seen.txt", \`end \${run.name}\\n\`);
}`;

const CONFIG = configText({
  code: `
const queue = flow({ name: "queue", overlap: "queue-all", maxQueued: 2, run: ${body} });
const latest = flow({ name: "latest", overlap: "queue-one", run: ${body} });
const newest = flow({ name: "newest", overlap: "cancel-running", grace: "5s", run: ${body} });
const retried = flow({ name: "retried", overlap: "queue-all", retries: 1, retryDelay: "300ms",
  run: async (_, { run }) => {
    appendFileSync("seen.txt", \`begin \${run.name} \${run.attempt}\\n\`);
    ${untilFile("go")}
    if (run.attempt === 1 && run.parameters.fail) throw new Error("once");
  } });
`,
  flows: ["queue", "latest", "newest", "retried"],
});

const stateOf = async (daemon: TestDaemon, { id }: { readonly id: string }) =>
  (await daemon.run(id)).state.name;

const begun = (daemon: TestDaemon, run: { readonly id: string }) =>
  daemon.untilRun(run.id, ({ state }) => state.type === "RUNNING");

test(
  "runs that queue go on one after the other, in their order, and no more wait than may",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const first = await daemon.trigger("queue");
    await begun(daemon, first);
    const second = await daemon.trigger("queue");
    const third = await daemon.trigger("queue");
    const refused = await daemon.post("/api/flows/queue/runs");

    const waits = await daemon.untilRun(third.id, ({ state }) => state.name !== "Scheduled");
    expect(waits.state).toMatchObject({
      name: "AwaitingConcurrencySlot",
      message: "the run before it is still open",
    });
    expect(refused.status).toBe(409);
    await scene.write("end-all", "");
    for (const run of [first, second, third]) await daemon.untilRun(run.id, isOver);

    const order = [first, second, third].flatMap(({ name }) => [`begin ${name}`, `end ${name}`]);
    expect(scene.read("seen.txt").trim().split("\n")).toEqual(order);
  },
  STORY_MS,
);

test(
  "of those that would wait for one, the latest does",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const [first, second, third] = [
      await daemon.trigger("latest"),
      await daemon.trigger("latest"),
      await daemon.trigger("latest"),
    ];
    await daemon.untilRun(second.id, isOver);

    expect(await stateOf(daemon, second)).toBe("Cancelled");
    await scene.write("end-all", "");
    for (const run of [first, third]) {
      expect((await daemon.untilRun(run.id, isOver)).state.name).toBe("Completed");
    }
  },
  STORY_MS,
);

test(
  "a later run takes the place of the one that goes on, once that has ended",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const first = await daemon.trigger("newest");
    await begun(daemon, first);
    const second = await daemon.trigger("newest");
    await begun(daemon, second);

    const cancelled = await daemon.run(first.id);
    expect(cancelled.state).toMatchObject({
      name: "Cancelled",
      message: "it made way for a later run",
    });
    await scene.write("end-all", "");
    expect((await daemon.untilRun(second.id, isOver)).state.name).toBe("Completed");
    expect((await daemon.run(second.id)).startedAt ?? "").toSatisfy(
      (at) => at >= (cancelled.endedAt ?? "none"),
    );
  },
  STORY_MS,
);

test(
  "a run that waits for its retry keeps its place in the queue, also when the daemon is killed",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const first = await daemon.trigger("retried", { fail: true });
    await begun(daemon, first);
    const second = await daemon.trigger("retried");
    await scene.write("go", "");
    await daemon.untilRun(first.id, ({ state }) => state.name === "AwaitingRetry");
    await daemon.kill9();
    const next = await scene.serve();

    for (const run of [first, second]) await next.untilRun(run.id, isOver);
    const order = await until("both have run", () => {
      const lines = scene.read("seen.txt").trim().split("\n");
      return lines.length >= 3 ? lines : undefined;
    });
    expect(order).toEqual([
      `begin ${first.name} 1`,
      `begin ${first.name} 2`,
      `begin ${second.name} 1`,
    ]);
  },
  STORY_MS,
);
