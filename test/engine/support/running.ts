import type { Claim, Executor, Offer, Outcome } from "../../../src/domain/executor.ts";
import type { FlowSpec, Manifest, OverlapPolicy } from "../../../src/domain/flow.ts";
import { type RunId, systemRandom } from "../../../src/domain/ids.ts";
import type { Run, TaskRun } from "../../../src/domain/run.ts";
import { type Engine, startEngine } from "../../../src/engine/engine.ts";
import { createLog } from "../../../src/log.ts";
import { historyOf } from "../../../src/store/history-of.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { aGeneration } from "../../support/manifests.ts";
import { NOON, temporaryStore } from "../../support/stores.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const log = createLog({
  format: "json",
  level: "error",
  write: (line) => process.stderr.write(line),
});

/** The whole engine over a real store, with an executor whose attempts the test ends by hand. */
export async function running(
  flows: readonly FlowSpec[],
  store: Store = temporaryStore(),
  limits: Manifest["limits"] = {},
) {
  const clock = virtualClock(NOON);
  const held = new Map<RunId, Claim>();
  const cancelled: RunId[] = [];
  let finish: (runId: RunId, outcome: Outcome, tasks?: readonly TaskRun[]) => Promise<unknown> =
    async () => {};
  let look = () => {};
  const engine: Engine = await startEngine({
    store,
    log,
    clock: clock.now,
    random: systemRandom,
    generation: aGeneration(flows, { limits }),
    publicUrl: () => "http://page",
    limits: { retentionMs: 86_400_000, missedGraceMs: 60_000, clockJumpMs: 90_000 },
    ringer: { room: () => 0, ring: () => new Promise(() => {}), stop: async () => {} },
    executorOf: (ledger, onRoom): Executor => {
      look = onRoom;
      finish = async (runId, outcome, tasks = []) => {
        const token = held.get(runId)?.token ?? 0;
        held.delete(runId);
        ledger.started(runId, token, clock.now());
        ledger.tasks(
          runId,
          token,
          tasks.map((task) => ({ before: undefined, after: task })),
        );
        return await ledger.finish(runId, token, {
          outcome,
          startedAt: clock.now(),
          endedAt: clock.now(),
        });
      };
      return {
        name: "by hand",
        can: { hardKill: true, memoryLimit: false, survivesControl: false },
        offer(offers: readonly Offer[]) {
          void ledger.claim(offers, "here").then((claims) => {
            for (const claim of claims) if (claim !== undefined) held.set(claim.runId, claim);
          });
          return { left: [], full: false };
        },
        cancel: (runId) => void cancelled.push(runId),
        warm: () => {},
        health: () => ({ threads: 0, busy: 0, stuck: 0 }),
        held: () => [...held.keys()],
        stop: async () => {},
      };
    },
  });
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }
  async function ask(flow: string, overlap?: OverlapPolicy): Promise<Run> {
    const answer = await engine.commands.trigger({ flow, ...(overlap && { overlap }) });
    if (answer.type !== "created") throw new Error(answer.type);
    return answer.run;
  }
  async function start(flow: string, overlap: OverlapPolicy = "allow"): Promise<Run> {
    const run = await ask(flow, overlap);
    await until(() => held.has(run.id));
    return run;
  }
  const now = async (run: Pick<Run, "id">): Promise<Run> => {
    const found = await historyOf(store.reader).findRun(run.id);
    if (found === undefined || found === "ambiguous") throw new Error("no such run");
    return found;
  };
  const stateName = ({ id }: Pick<Run, "id">) =>
    store.reader.all<{ name: string }>("SELECT state_name AS name FROM run WHERE id = ?", [id])[0]
      ?.name;
  return {
    engine,
    store,
    clock,
    held,
    cancelled,
    until,
    ask,
    start,
    now,
    stateName,
    /** Lets the clock run on, and those be found whose time has come. */
    pass(ms: number) {
      clock.advance(ms);
      look();
    },
    finish: (id: RunId, outcome: Outcome, tasks?: readonly TaskRun[]) => finish(id, outcome, tasks),
  };
}
