import { expect, test } from "bun:test";
import { join } from "node:path";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { aReceiver, type Request } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

test(
  "a run that kill -9 cut off is Crashed after the restart, with its task, its lines, and its hook",
  async () => {
    await using receiver = aReceiver();
    await using scene = await aScene(
      configText({
        code: `
          const think = task({ name: "think", run: async () => { log("before the end"); await wait(600_000); } });
          const cutOff = flow({ name: "cut-off", onCrashed: webhook({ url: "${receiver.url}" }), run: () => think() });`,
        flows: ["cutOff"],
      }),
    );
    const first = await scene.serve();
    const { id } = await first.trigger("cut-off");
    await until("its line is stored", async () => (await first.lines(id)).length === 1, first);
    await first.kill9();
    expect(receiver.requests).toHaveLength(0);

    const second = await scene.serve();
    const run = await second.untilRun(id, isOver);
    const [request] = await receiver.untilReceived(1, second.log);

    expect([run.state.type, run.state.name]).toEqual(["CRASHED", "Crashed"]);
    expect(run.state.message).toMatch(/the daemon stopped.*the run was in flight/);
    expect((await second.tasks(id)).map(({ task, state }) => [task, state.type])).toEqual([
      ["think", "CRASHED"],
    ]);
    expect((await second.lines(id)).map(({ text }) => text)).toEqual(["before the end"]);
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      type: "run.crashed",
      data: { moment: "onCrashed", run: { id, state: { message: run.state.message } } },
    });
  },
  STORY_MS,
);

test(
  "a delivery that waited for its turn at kill -9 is made after the restart, with the same id",
  async () => {
    await using slow = aReceiver();
    await using receiver = aReceiver();
    slow.react(() => "hang");
    await using scene = await aScene(
      configText({
        code: `
          const done = flow({
            name: "done",
            onCompletion: [webhook({ name: "slow", url: "${slow.url}" }), webhook({ name: "waiting", url: "${receiver.url}" })],
            run: () => {},
          });`,
        flows: ["done"],
      }),
    );
    const first = await scene.serve();
    const { id } = await first.trigger("done");
    await slow.untilReceived(1, first.log);
    const before = await first.deliveries(id);
    await first.kill9();
    expect(before.map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ["pending", 0],
      ["pending", 0],
    ]);
    expect(receiver.requests).toHaveLength(0);

    slow.react(() => 200);
    const second = await scene.serve();
    const after = await untilDelivered(second, id);

    expect(after.map((delivery) => delivery.id)).toEqual(before.map((delivery) => delivery.id));
    expect(receiver.requests.map(idOf)).toEqual([before[1]?.id ?? ""]);
    expect((await second.run(id)).state.type).toBe("COMPLETED");
  },
  STORY_MS,
);

test(
  "a hook that kill -9 cut off is rung again after the restart, with the same id",
  async () => {
    await using receiver = aReceiver();
    receiver.react(() => "hang");
    await using scene = await aScene(
      configText({
        code: `const done = flow({ name: "done", onCompletion: webhook({ url: "${receiver.url}" }), run: () => {} });`,
        flows: ["done"],
      }),
    );
    const first = await scene.serve();
    const { id } = await first.trigger("done");
    await receiver.untilReceived(1, first.log);
    await first.kill9();

    receiver.react(() => 200);
    const second = await scene.serve();
    const [delivery] = await untilDelivered(second, id);

    expect(receiver.requests.map(idOf)).toEqual([delivery?.id ?? "", delivery?.id ?? ""]);
  },
  STORY_MS,
);

test(
  "a run that waits for its retry at kill -9 has it after the restart, and so has one with retryCrashed",
  async () => {
    await using scene = await aScene();
    const go = join(scene.folder, "go");
    await scene.write(
      "flows.config.ts",
      configText({
        code: `
          const again = flow({
            name: "again", retries: 1, retryDelay: "3s",
            run: (_, { run }) => { if (run.attempt === 1) throw new Error("not yet"); return run.attempt; },
          });
          const stubborn = flow({
            name: "stubborn", retryCrashed: 1,
            run: async (_, { run, log }) => { log("begins"); ${untilFile(go)} return run.attempt; },
          });`,
        flows: ["again", "stubborn"],
      }),
    );
    const first = await scene.serve();
    const [again, stubborn] = [await first.trigger("again"), await first.trigger("stubborn")];
    await first.untilRun(again.id, ({ state }) => state.name === "AwaitingRetry");
    await until("it begins", async () => (await first.lines(stubborn.id)).length === 1, first);
    await first.kill9();

    const second = await scene.serve();
    await until(
      "it begins anew",
      async () => (await second.lines(stubborn.id)).length === 2,
      second,
    );
    await scene.write("go", "");
    for (const { id } of [again, stubborn]) {
      expect(await second.untilRun(id, isOver)).toMatchObject({ attempt: 2, result: 2 });
    }
  },
  STORY_MS,
);

test(
  "a run that was being cancelled at kill -9 is Crashed after the restart",
  async () => {
    await using scene = await aScene(
      configText({
        code: `const deaf = flow({ name: "deaf", run: async (_, { log }) => { log("begins"); await wait(600_000); } });`,
        flows: ["deaf"],
      }),
    );
    const first = await scene.serve();
    const { id } = await first.trigger("deaf");
    await until("it begins", async () => (await first.lines(id)).length === 1, first);
    expect((await first.post(`/api/runs/${id}/cancel`)).status).toBe(202);
    expect((await first.run(id)).state.type).toBe("CANCELLING");
    await first.kill9();

    const second = await scene.serve();
    expect((await second.untilRun(id, isOver)).state.type).toBe("CRASHED");
  },
  STORY_MS,
);

/** The id that the receiver tells repetitions by. */
function idOf({ headers }: Request): string {
  return headers.get("webhook-id") ?? "none";
}

async function untilDelivered(daemon: TestDaemon, run: string) {
  return await until(
    "all deliveries are delivered",
    async () => {
      const deliveries = await daemon.deliveries(run);
      return deliveries.every(({ status }) => status === "delivered") ? deliveries : undefined;
    },
    daemon,
  );
}
