import { isoOf } from "./domain/instant.ts";
import type { Engine } from "./engine/engine.ts";
import type { LaneView } from "./engine/lane.ts";
import type { HookTroubleView } from "./http/api-deps.ts";
import { keysByNumber } from "./store/hook-records.ts";
import type { Store } from "./store/open-store.ts";
import type { HookRecord, RunHistory } from "./store/run-history.ts";

interface HealthParts {
  readonly store: Pick<Store, "reader" | "tally">;
  readonly engine: Pick<Engine, "lanes">;
}

/** What the store has of each hook, with what its lane saw since the start. */
export async function hookRecordsOf(
  history: RunHistory,
  { store, engine }: HealthParts,
): Promise<readonly HookRecord[]> {
  const lanes = lanesByKey({ store, engine });
  return (await history.hookRecords()).map((record) => {
    const { hookNo: _, ...seen } = lanes.get(record.key) ?? { hookNo: 0 };
    return { ...record, ...seen };
  });
}

/** The hooks with dead deliveries, and those whose receiver does not answer; the worst first. */
export function hookTroubles({ store, engine }: HealthParts): readonly HookTroubleView[] {
  const keys = keysByNumber(store.reader);
  const lanes = new Map(engine.lanes().map((lane) => [lane.hookNo, lane]));
  return [...store.tally.readHooks(store.reader)]
    .map(([no, { dead = 0, pending = 0, retrying = 0 }]) => ({
      hook: keys.get(no) ?? "",
      dead,
      waiting: pending + retrying,
      ...downOf(lanes.get(no)),
    }))
    .filter(({ dead, ...trouble }) => dead > 0 || "downSince" in trouble)
    .sort((a, b) => b.dead + b.waiting - a.dead - a.waiting);
}

function downOf(lane: LaneView | undefined): Pick<HookTroubleView, "downSince" | "nextTryAt"> {
  if (lane?.down === undefined) return {};
  const { since, nextTryAt } = lane.down;
  return {
    downSince: isoOf(since),
    ...(nextTryAt === undefined ? {} : { nextTryAt: isoOf(nextTryAt) }),
  };
}

function lanesByKey({ store, engine }: HealthParts): ReadonlyMap<string, LaneView> {
  const keys = keysByNumber(store.reader);
  return new Map(engine.lanes().map((lane) => [keys.get(lane.hookNo) ?? "", lane]));
}
