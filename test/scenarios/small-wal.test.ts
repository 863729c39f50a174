import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 120_000;
const MIB = 1_048_576;
const RUNS = 1_000;
/** 100 KB a result: the log takes a hundred megabytes in all. */
const CONFIG = configText({
  code: `const large = flow({ name: "large", overlap: "allow", run: () => "x".repeat(100_000) });`,
  flows: ["large"],
});

test(
  "the store's log stays small while much is written and somebody reads all the time",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const log = join(scene.folder, ".tocsin/state.db-wal");
    const items = Array.from({ length: RUNS / 2 }, () => ({ flow: "large" }));
    let largest = 0;

    for (let count = 0; count < 2; count += 1) {
      expect((await daemon.post("/api/runs/bulk", { items })).status).toBe(201);
    }
    await until(
      "all runs are over",
      async () => {
        await daemon.json("/api/runs?limit=200");
        largest = Math.max(largest, statSync(log).size);
        return (await daemon.status()).runs["COMPLETED"] === RUNS;
      },
      daemon,
    );
    expect(await daemon.stop()).toBe(0);

    expect(statSync(join(scene.folder, ".tocsin/state.db")).size).toBeGreaterThan(96 * MIB);
    expect(largest).toBeLessThan(64 * MIB);
    expect(statSync(log, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  },
  STORY_MS,
);
