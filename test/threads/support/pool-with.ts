import type { Offer } from "../../../src/domain/executor.ts";
import type { Generation } from "../../../src/domain/flow.ts";
import { instant } from "../../../src/domain/instant.ts";
import { createThreadExecutor } from "../../../src/threads/pool.ts";
import type { ThreadExecutorDeps } from "../../../src/threads/pool-state.ts";
import { aGeneration } from "../../support/manifests.ts";
import { configDir } from "./config-dir.ts";
import { type AddOptions, type Kept, memoryLedger } from "./memory-ledger.ts";

export function generationOf(configPath: string, number = 1): Generation {
  return { ...aGeneration([]), number, configPath, acceptedAt: instant(0) };
}

export const quietLog = { debug() {}, info() {}, warn() {}, error() {} };

/** A pool of real threads on a config that is written to a directory of its own. */
export function poolWith(config: string, deps: Partial<ThreadExecutorDeps> = {}) {
  const ledger = memoryLedger((offer) => {
    queue.push(offer);
    dispatch();
  });
  const queue: Offer[] = [];
  const state = { generation: generationOf(configDir(config)) };
  const dispatch = () => void queue.splice(0, queue.length, ...executor.offer([...queue]).left);
  const executor = createThreadExecutor({
    ledger,
    clock: () => instant(Date.now()),
    log: quietLog,
    threadsMax: 2,
    onRoom: dispatch,
    newest: () => state.generation,
    answerRequest: async () => null,
    ...deps,
  });
  const start = (flow: string, options?: AddOptions): Offer => {
    const offer = ledger.add(flow, options);
    // As the dispatcher does: children go before everybody else.
    if (options?.child === true) queue.unshift({ ...offer, child: true });
    else queue.push(offer);
    dispatch();
    return offer;
  };
  const perform = (flow: string, options?: AddOptions): Promise<Kept> =>
    ledger.end(start(flow, options));
  return { ledger, executor, queue, dispatch, start, perform, state };
}
