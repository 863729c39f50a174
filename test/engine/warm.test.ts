import { afterEach, expect, test } from "bun:test";
import type { Executor } from "../../src/domain/executor.ts";
import type { FlowSpec } from "../../src/domain/flow.ts";
import { systemRandom } from "../../src/domain/ids.ts";
import { startEngine } from "../../src/engine/engine.ts";
import { createLog } from "../../src/log.ts";
import { createRinger } from "../../src/threads/hook-threads.ts";
import { createThreadExecutor } from "../../src/threads/pool.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { until } from "../support/until.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { configDir } from "../threads/support/config-dir.ts";

const CONFIG = 'import { defineConfig } from "tocsin"; export default defineConfig({ flows: [] });';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A flow that is due at so many minutes past the hour; it is noon. */
function dueAt(minute: number): FlowSpec {
  const cron = { kind: "cron", cron: `${minute} * * * *`, timezone: "UTC", dst: "once" } as const;
  return aFlow({ schedules: [aSchedule(cron)] });
}

async function engineWith(flow: FlowSpec) {
  const log = createLog({ level: "error", format: "json", write: () => {} });
  const { now: clock, advance } = virtualClock(NOON);
  const configPath = configDir(CONFIG);
  const state = { generation: { ...aGeneration([flow]), configPath } };
  const newest = () => state.generation;
  const threads = { clock, log, newest, answerRequest: async () => null };
  const made: { executor?: Executor } = {};
  const ringer = createRinger(threads);
  const engine = await startEngine({
    store: temporaryStore(),
    clock,
    log,
    ringer,
    random: systemRandom,
    generation: newest(),
    publicUrl: () => "",
    limits: { retentionMs: 1_000, missedGraceMs: 60_000, clockJumpMs: 90_000 },
    executorOf: (ledger, onRoom) => {
      made.executor = createThreadExecutor({ ...threads, ledger, onRoom, threadsMax: 2 });
      return made.executor;
    },
  });
  stops.push(async () => {
    await engine.drain();
    await engine.executor.stop(0);
    await ringer.stop(0);
    await engine.stop();
  });
  const accept = async (next: FlowSpec) => {
    state.generation = { ...aGeneration([next]), configPath, number: 2 };
    advance(1);
    await engine.useGeneration(state.generation);
    await until("the tick has seen the config", () => engine.lastTickAt() === clock());
    await engine.drain();
  };
  return { engine, accept };
}

test("a thread is kept ready when a run is due within a minute", async () => {
  const { engine } = await engineWith(dueAt(1));
  await engine.drain();

  expect(engine.executor.health()).toMatchObject({ threads: 1, busy: 0 });
});

test("no thread is started while the next run is further away", async () => {
  const { engine } = await engineWith(dueAt(2));
  await engine.drain();

  expect(engine.executor.health()).toMatchObject({ threads: 0 });
});

test("a thread is made ready for a new config only if a run of it is due within a minute", async () => {
  const soon = await engineWith(dueAt(2));
  await soon.accept(dueAt(1));
  const late = await engineWith(dueAt(2));
  await late.accept(dueAt(3));

  expect(soon.engine.executor.health()).toMatchObject({ threads: 1 });
  expect(late.engine.executor.health()).toMatchObject({ threads: 0 });
});
