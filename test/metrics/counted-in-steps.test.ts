import { expect, test } from "bun:test";
import type { ConfigKeeper } from "../../src/engine/config-keeper.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createMetrics, type MetricsParts } from "../../src/metrics/metrics.ts";
import { readinessOf } from "../../src/readiness.ts";
import type { Store } from "../../src/store/open-store.ts";
import { aGeneration } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";

const clock = () => NOON;
const CALM = {
  lastTickAt: clock,
  lanes: () => [],
  schedules: { troubles: () => [], pauses: () => [] },
  executor: { health: () => ({ threads: 1, busy: 0, stuck: 0 }) },
} as unknown as Engine;
const ACCEPTED = { lastProblems: () => undefined } as ConfigKeeper;

/** A store that notes how its rows are counted: "steps" lets others have their turn, "at once" does not. */
function aWatchedStore(): { readonly store: Store; readonly counted: string[] } {
  const store = temporaryStore();
  const counted: string[] = [];
  const note = <Answer>(what: string, answer: Answer): Answer => {
    counted.push(what);
    return answer;
  };
  const { tally } = store;
  const watched = {
    ...tally,
    ready: async (reader: Store["reader"]) => note("in steps", await tally.ready(reader)),
    read: (reader: Store["reader"]) => note("read", tally.read(reader)),
    readHooks: (reader: Store["reader"]) => note("read", tally.readHooks(reader)),
  };
  return { store: { ...store, tally: watched }, counted };
}

test("whoever asks whether the daemon is ready waits for a count in steps, and nobody else does", async () => {
  const { store, counted } = aWatchedStore();

  const readiness = await readinessOf({
    ...{ store, clock, engine: CALM, config: ACCEPTED },
    isDraining: () => false,
  });

  expect(readiness.ready).toBe(true);
  expect(counted).toEqual(["in steps", "read", "read"]);
});

test("whoever asks for metrics waits for a count in steps, and nobody else does", async () => {
  const { store, counted } = aWatchedStore();
  const parts: MetricsParts = {
    ...{ store, clock, version: "1.2.3", startedAt: NOON },
    generation: () => aGeneration([]),
    isConfigAccepted: () => true,
    threads: CALM.executor.health,
    nextDueAt: () => undefined,
    hooksDown: () => 0,
    eventClients: () => 0,
    wrongTokens: () => 0,
  };

  await createMetrics(store).text(parts);

  expect(counted).toEqual(["in steps", "read"]);
});
