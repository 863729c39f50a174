import { expect, test } from "bun:test";
import { join } from "node:path";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;
/** Longer than any wait of these tests: whoever sits it out fails. */
const FOR_EVER = `shutdownGrace: "10m"`;

test(
  "SIGTERM lets a run in flight complete, starts no other, and answers 0",
  async () => {
    await using scene = await aScene();
    const go = join(scene.folder, "go");
    await scene.write(
      "flows.config.ts",
      configText({
        code: `
          const slow = flow({ name: "slow", run: async ({}, { log }) => { log("begins"); ${untilFile(go)} return "done"; } });
          const later = flow({ name: "later", run: () => {} });`,
        flows: ["slow", "later"],
        options: FOR_EVER,
      }),
    );
    const first = await scene.serve();
    const { id } = await beginning(first, "slow");
    first.signal("SIGTERM");
    await until("it drains", async () => (await first.get("/readyz")).status === 503, first);
    const waiting = await first.trigger("later");
    await scene.write("go", "");
    expect(await first.ended()).toBe(0);

    const second = await scene.serve();
    expect(await second.run(id)).toMatchObject({ state: { type: "COMPLETED" }, result: "done" });
    expect((await second.untilRun(waiting.id, isOver)).state.type).toBe("COMPLETED");
    expect(await second.states(waiting.id)).toEqual([
      "Scheduled",
      "Pending",
      "Running",
      "Completed",
    ]);
  },
  STORY_MS,
);

test(
  "a run that outlasts shutdownGrace is told to stop, recorded Crashed, and its hook rings",
  async () => {
    await using receiver = aReceiver();
    await using scene = await aScene(
      configText({
        code: `
          const stubborn = flow({
            name: "stubborn",
            onCrashed: webhook({ url: "${receiver.url}" }),
            run: async (_, { log, signal }) => {
              signal.addEventListener("abort", () => log("is told to stop"));
              log("begins");
              await wait(600_000);
            },
          });`,
        flows: ["stubborn"],
        options: `shutdownGrace: "300ms"`,
      }),
    );
    const first = await scene.serve();
    const { id } = await beginning(first, "stubborn");
    expect(await first.stop()).toBe(0);

    const second = await scene.serve();
    const run = await second.run(id);
    await receiver.untilReceived(1, second.log);
    const delivered = async () => (await second.deliveries(id))[0]?.status === "delivered";
    await until("it is recorded", delivered, second);

    expect(run.state.type).toBe("CRASHED");
    expect(run.state.message).toContain("stop");
    expect((await second.lines(id)).map(({ text }) => text)).toEqual(["begins", "is told to stop"]);
    expect(receiver.requests).toHaveLength(1);
  },
  STORY_MS,
);

test(
  "a body that never yields does not hold up the stop",
  async () => {
    await using scene = await aScene(
      configText({
        code: `const endless = flow({ name: "endless", run: async (_, { log }) => { log("begins"); await wait(50); for (;;) {} } });`,
        flows: ["endless"],
        options: `shutdownGrace: "300ms"`,
      }),
    );
    const first = await scene.serve();
    const { id } = await beginning(first, "endless");
    expect(await first.stop()).toBe(0);

    expect(await crashed(scene, id)).toBe(true);
  },
  STORY_MS,
);

test(
  "a second SIGTERM skips the wait",
  async () => {
    await using scene = await aScene(
      configText({
        code: `const slow = flow({ name: "slow", run: async (_, { log }) => { log("begins"); await wait(600_000); } });`,
        flows: ["slow"],
        options: FOR_EVER,
      }),
    );
    const first = await scene.serve();
    const { id } = await beginning(first, "slow");
    first.signal("SIGTERM");
    await until("it drains", async () => (await first.get("/readyz")).status === 503, first);
    first.signal("SIGTERM");
    expect(await first.ended()).toBe(0);

    expect(await crashed(scene, id)).toBe(true);
  },
  STORY_MS,
);

test(
  "a hook that hangs holds up the stop for deliverGrace at the most, and is due again",
  async () => {
    await using receiver = aReceiver();
    receiver.react(() => "hang");
    await using scene = await aScene(
      configText({
        code: `const done = flow({ name: "done", onCompletion: webhook({ url: "${receiver.url}" }), run: () => {} });`,
        flows: ["done"],
        options: `deliverGrace: "200ms"`,
      }),
    );
    const first = await scene.serve();
    const { id } = await first.trigger("done");
    await receiver.untilReceived(1, first.log);
    expect(await first.stop()).toBe(0);

    receiver.react(() => 200);
    const second = await scene.serve();
    await receiver.untilReceived(2, second.log);
    const delivered = async () => (await second.deliveries(id))[0]?.status === "delivered";
    await until("it is recorded", delivered, second);
    const ids = new Set(receiver.requests.map(({ headers }) => headers.get("webhook-id")));
    expect(ids.size).toBe(1);
  },
  STORY_MS,
);

/** Starts a run and waits until its body has begun. */
async function beginning(daemon: TestDaemon, flow: string) {
  const run = await daemon.trigger(flow);
  await until("it begins", async () => (await daemon.lines(run.id)).length > 0, daemon);
  return run;
}

async function crashed(scene: Scene, id: string): Promise<boolean> {
  const daemon = await scene.serve();
  return (await daemon.run(id)).state.type === "CRASHED";
}
