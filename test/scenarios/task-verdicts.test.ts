import { expect, test } from "bun:test";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver } from "../support/daemon.ts";

const STORY_MS = 60_000;

test(
  "a task is not tried again where its retryOn says no, and is where it says yes or throws",
  async () => {
    await using scene = await aScene(
      configText({
        code: `
const failing = (name, retryOn) => task({ name, retries: 3, retryOn, run: () => { throw new TypeError("no use"); } });
const never = failing("never", (error) => !(error instanceof TypeError));
const once = failing("once", async (_, attempt) => attempt < 2);
const throwing = failing("throwing", () => { throw new Error("in retryOn"); });
const all = flow({ name: "all", run: async () => { await Promise.allSettled([never(), once(), throwing()]); } });`,
        flows: ["all"],
      }),
    );
    const daemon = await scene.serve();
    const run = await daemon.trigger("all");
    await daemon.untilRun(run.id, isOver);

    const attempts = (await daemon.tasks(run.id)).map(({ task, attempt }) => [task, attempt]);
    expect(Object.fromEntries(attempts)).toEqual({ never: 1, once: 2, throwing: 4 });
    const lines = (await daemon.lines(run.id)).map(({ text }) => text);
    expect(lines).toContain("retryOn threw, so the task is retried: in retryOn");
  },
  STORY_MS,
);

test(
  "a flow cancels another flow's run by its name, and is told of one that is over or not there",
  async () => {
    await using scene = await aScene(
      configText({
        code: `
const slow = flow({ name: "slow", grace: "100ms", run: async () => { ${untilFile("never")} } });
const cancels = flow({ name: "cancels", parameters: v.object({ run: v.string() }),
  run: async ({ run }, { client }) => await client.runs.cancel(run) });`,
        flows: ["slow", "cancels"],
      }),
    );
    const daemon = await scene.serve();
    const slow = await daemon.trigger("slow");
    await daemon.untilRun(slow.id, ({ state }) => state.type === "RUNNING");
    const ask = async (run: string) =>
      await daemon.untilRun((await daemon.trigger("cancels", { run })).id, isOver);

    expect((await ask(slow.name)).result).toBe("cancelling");
    expect((await daemon.untilRun(slow.id, isOver)).state.name).toBe("Cancelled");
    expect((await ask(slow.id)).result).toBe("too-late");
    expect((await ask("nobody")).state.message).toBe(
      'Cannot cancel run "nobody": there is none of that id or name',
    );
  },
  STORY_MS,
);
