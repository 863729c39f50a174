import { expect, test } from "bun:test";
import { join } from "node:path";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { aSmallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";

const STORY_MS = 120_000;
const ITEMS = Array.from({ length: 50 }, () => ({
  flow: "load",
  parameters: { text: "x".repeat(1_000) },
}));

test(
  "a full disk is said, loses nothing that was acknowledged, and is over by itself when there is room",
  async () => {
    using disk = aSmallDisk();
    await using scene = await aScene(
      configText({
        code: `const load = flow({ name: "load", overlap: "allow", run: () => {} });`,
        flows: ["load"],
      }),
    );
    const store = join(disk.folder, "state.db");
    const daemon = await scene.serve({ args: ["--store", store], store });
    const acknowledged = await created(daemon);

    disk.fill(daemon.pid);
    const late: Promise<readonly RunView[]>[] = [];
    const said = await until(
      "/readyz says that the disk is full",
      async () => {
        const { status, text } = await daemon.get("/readyz");
        if (status === 503) return text;
        // One that was under way is answered when there is room again, or refused.
        late.push(created(daemon));
        return undefined;
      },
      daemon,
    );
    expect(said).toContain("Cannot write to the store");
    expect((await daemon.get("/livez")).status).toBe(200);
    expect((await daemon.run(acknowledged[0]?.id ?? "")).flow).toBe("load");

    const refused = await daemon.post("/api/flows/load/runs", {});
    expect([refused.status, refused.text]).toEqual([
      503,
      expect.stringContaining("nothing can be saved since"),
    ]);
    expect(daemon.log()).toContain("Cannot save anything");

    disk.makeRoom(daemon.pid);
    const isReady = async () => (await daemon.get("/readyz")).status === 200;
    await until("it is ready again", isReady, daemon);
    acknowledged.push(...(await Promise.all(late)).flat());
    for (const { id } of acknowledged) {
      expect((await daemon.untilRun(id, isOver)).state.type).toBe("COMPLETED");
    }
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

async function created(daemon: TestDaemon): Promise<RunView[]> {
  const { status, text } = await daemon.post("/api/runs/bulk", { items: ITEMS });
  if (status === 503) return [];
  expect([status, status === 201 ? "" : text]).toEqual([201, ""]);
  return (JSON.parse(text) as { items: RunView[] }).items;
}
