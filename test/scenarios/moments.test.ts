import { expect, test } from "bun:test";
import type { DecisionView } from "../../src/domain/decision.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

/** Each hook that rings adds a line to a file: the moment, and what it was told. */
const CONFIG = (first: string) => `
import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { defineConfig, flow, hook, v } from "tocsin";
const tell = (context) => {
  const { delivery, decision, run, state } = context;
  const told = decision === undefined ? { run: run.name, state: state.name } : { decision };
  appendFileSync("rung.jsonl", JSON.stringify({ moment: delivery.moment, ...told, url: context.urls.run }) + "\\n");
};
const turns = flow({
  name: "turns", overlap: "allow", tags: ["prod"],
  parameters: v.object({ fail: v.boolean() }),
  onRecovered: tell, onRegressed: tell,
  onFailure: hook({ dedupe: "1h", run: tell }),
  run: ({ fail }) => { if (fail) throw new Error("oops!"); },
});
const long = flow({ name: "long", expectWithin: "100ms", onRunningLong: tell, run: () => wait(1_500) });
const busy = flow({ name: "busy", grace: 0, run: (_, { signal }) => wait(60_000, undefined, { signal }) });
const often = flow({
  name: "often", schedule: { key: "tick", every: "1s" }, lateAfter: "300ms", missed: { policy: "skip" },
  onSkipped: tell, onMissed: tell, onLate: tell,
  run: () => wait(${first}),
});
export default defineConfig({
  flows: [turns, long, busy, often], threads: 1, missedGrace: "1s",
  tags: { prod: { onAnyEnd: hook({ name: "of-tag", run: () => {} }) } },
  hooks: ["./module.ts"],
});
`;
const MODULE = `import { hook } from "tocsin"; export default hook({ on: "onAnyEnd", flows: "turns", run: () => {} });`;

interface Told {
  readonly moment: string;
  readonly run?: string;
  readonly state?: string;
  readonly decision?: DecisionView;
  readonly url: string;
}

async function startScene(first: string) {
  const scene = await aScene(CONFIG(first));
  await scene.write("module.ts", MODULE);
  const told = (): readonly Told[] =>
    scene
      .read("rung.jsonl")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Told);
  const rung = (moment: string, daemon: TestDaemon) =>
    until(`${moment} has rung`, () => told().find((one) => one.moment === moment), daemon);
  return { scene, told, rung };
}

test(
  "a flow that begins to fail, and one that works again, ring once each; hooks of tags and modules follow",
  async () => {
    const { scene, told, rung } = await startScene("0");
    await using _ = scene;
    const daemon = await scene.serve();
    let last = "";
    for (const fail of [false, true, true, false]) {
      const run = await daemon.trigger("turns", { fail });
      await daemon.untilRun(run.id, isOver);
      // Hooks of different runs ring in no order: the bad end is heard before the good one is made.
      if (fail) await rung("onRegressed", daemon);
      last = run.id;
    }
    await rung("onRecovered", daemon);

    const moments = told().map(({ moment, state }) => `${moment} ${state}`);
    expect(moments.filter((one) => !one.startsWith("on") || one.includes("R"))).toEqual([
      "onRegressed Failed",
      "onRecovered Completed",
    ]);
    const order = await until(
      "every delivery of the last run is over",
      async () => {
        const found = await daemon.deliveries(last);
        return found.every(({ status }) => status === "delivered") ? found : undefined;
      },
      daemon,
    );
    expect(order.map(({ hook }) => hook)).toEqual([
      "tag:prod/onAnyEnd/of-tag",
      "module:./module.ts",
      "flow:turns/onRecovered/tell",
    ]);
    expect(told().filter(({ moment }) => moment === "onFailure")).toHaveLength(1);
  },
  STORY_MS,
);

test(
  "a due time without a run, one that is late, and a run that goes on too long ring with what is known",
  async () => {
    const { scene, rung } = await startScene("3_500");
    await using _ = scene;
    const daemon = await scene.serve();

    const skipped = await rung("onSkipped", daemon);
    expect(skipped.decision).toMatchObject({ flow: "often", schedule: "tick", kind: "skipped" });
    expect(skipped.url).toEndWith("/flows/often");
    const long = await daemon.trigger("long");
    expect(await rung("onRunningLong", daemon)).toMatchObject({ state: "Running" });
    await daemon.untilRun(long.id, isOver);

    const busy = await daemon.trigger("busy");
    expect(await rung("onLate", daemon)).toMatchObject({ state: "Late" });
    await daemon.post(`/api/runs/${busy.id}/cancel`, {});
    await daemon.kill9();
    const downAt = Date.now();
    await until("three due times have passed", () =>
      Date.now() - downAt > 3_500 ? true : undefined,
    );
    const next = await scene.serve();

    const missed = await rung("onMissed", next);
    expect(missed.decision).toMatchObject({ flow: "often", kind: "missed" });
    expect(missed.decision?.reason).not.toBe("");
  },
  STORY_MS,
);
