import type { RunView } from "../../src/domain/run-view.ts";
import type { TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

/** Asks for runs of flow `load` until the daemon is killed, some time; answers those that it acknowledged. */
export async function liveAndDie(
  daemon: TestDaemon,
  { perRequest, lifeMsMax }: { readonly perRequest: number; readonly lifeMsMax: number },
): Promise<readonly string[]> {
  const items = Array.from({ length: perRequest }, () => ({ flow: "load" }));
  const created: string[] = [];
  const life = { isOver: false };
  const death = new Promise((done) => setTimeout(done, Math.random() * lifeMsMax)).then(() => {
    life.isOver = true;
    return daemon.kill9();
  });
  while (!life.isOver) {
    const answer = await daemon.post("/api/runs/bulk", { items }).catch(() => undefined);
    if (answer?.status !== 201) continue;
    const { items: runs } = JSON.parse(answer.text) as { items: readonly RunView[] };
    created.push(...runs.map(({ id }) => id));
  }
  await death;
  return created;
}

/** Waits until no run and no delivery is waiting or under way. */
export async function untilQuiet(daemon: TestDaemon): Promise<void> {
  await until(
    "everything is over",
    async () => {
      const { runs, deliveries } = await daemon.status();
      const { SCHEDULED = 0, PENDING = 0, RUNNING = 0 } = runs;
      return SCHEDULED + PENDING + RUNNING + deliveries.pending + deliveries.retrying === 0;
    },
    daemon,
  );
}
