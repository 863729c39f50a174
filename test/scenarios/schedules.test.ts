import { expect, test } from "bun:test";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

test(
  "a flow that is due every second runs by itself, once per due time and never early, also after a kill",
  async () => {
    await using scene = await aScene(
      configText({
        code: `const tick = flow({ name: "tick", schedule: { every: "1s" }, overlap: "allow", run: () => {} });`,
        flows: ["tick"],
      }),
    );
    const first = await scene.serve();
    const before = await completed(first, 2);
    await first.kill9();

    const second = await scene.serve();
    const after = await completed(second, before.length + 2);

    const dues = after.map(({ scheduledFor = "" }) => Date.parse(scheduledFor));
    expect(new Set(dues).size).toBe(dues.length);
    expect(dues.filter((due) => due % 1_000 !== 0)).toEqual([]);
    for (const { scheduledFor = "", createdAt, startedAt = "" } of after) {
      expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(Date.parse(scheduledFor));
      expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(scheduledFor));
    }
    for (const { id } of before) expect(after.some((run) => run.id === id)).toBe(true);
    expect(await second.stop()).toBe(0);
  },
  STORY_MS,
);

/** Waits until so many runs have completed; answers all that have. */
async function completed(daemon: TestDaemon, count: number): Promise<readonly RunView[]> {
  return await until(
    `${count} runs have completed`,
    async () => {
      const path = "/api/runs?state=COMPLETED";
      const { items } = await daemon.json<{ items: readonly RunView[] }>(path);
      return items.length >= count ? items : undefined;
    },
    daemon,
  );
}
