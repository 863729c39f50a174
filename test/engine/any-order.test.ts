import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Outcome } from "../../src/domain/executor.ts";
import type { FlowSpec, OverlapPolicy } from "../../src/domain/flow.ts";
import type { FlowName } from "../../src/domain/ids.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Run } from "../../src/domain/run.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow } from "../support/manifests.ts";
import { sideBySide } from "../support/month-findings.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { waitingInVain } from "../support/waiting-in-vain.ts";
import { running } from "./support/running.ts";

const HOUR = 3_600_000;
/** Tried again at once, then an hour later. */
const RETRY = { retries: 2, delay: { kind: "list", ms: [0, HOUR] } } as const;
const OUTCOMES: readonly Outcome[] = [
  { type: "completed" },
  { type: "failed", error: { name: "E", message: "x" }, message: "x" },
  { type: "paused", message: "waits for Ada", call: 0 },
  { type: "crashed", message: "gone" },
];

function flowOf(overlap: OverlapPolicy, changes: Partial<FlowSpec> = {}): FlowSpec {
  const name = overlap as string as FlowName;
  return aFlow({ name, overlap, retry: RETRY, retryCrashed: 1, maxQueued: 3, ...changes });
}

const FLOWS: readonly FlowSpec[] = [
  flowOf("skip"),
  flowOf("queue-one", { tags: ["db"] }),
  flowOf("queue-all", { concurrency: 2 }),
  flowOf("cancel-running"),
  flowOf("allow", { tags: ["db"] }),
];
const LIMITS = { db: 1 };
const SIZES = { tags: LIMITS, flows: { "queue-all": 2 } };

type Life = Awaited<ReturnType<typeof running>>;

/** Something that somebody does; `pick` says with which flow or run. */
interface Doing {
  readonly what: keyof typeof DOINGS;
  readonly pick: number;
  /** Turns of the loop before the next thing is done: none, and it comes in the same commit. */
  readonly turns: number;
}

function picked<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % Math.max(1, items.length)];
}

async function openRuns({ store }: Life): Promise<readonly Run[]> {
  const include = ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING", "PAUSED"] as const;
  return await historyOf(store.reader).listRuns({ states: { include, exclude: [] }, limit: 200 });
}

/** With the newest run in that state, or one of the others. */
async function withRun(life: Life, pick: number, act: (run: Run) => Promise<unknown>) {
  const runs = await historyOf(life.store.reader).listRuns({ limit: 12 });
  const run = picked(runs, pick);
  if (run !== undefined) await act(run);
}

const DOINGS = {
  ask: (life: Life, pick: number) =>
    life.engine.commands.trigger({ flow: picked(FLOWS, pick)?.name ?? "" }),
  end: async (life: Life, pick: number) => {
    const run = picked([...life.held.keys()], pick >> 2);
    if (run !== undefined) await life.finish(run, picked(OUTCOMES, pick) as Outcome);
  },
  cancel: (life: Life, pick: number) => withRun(life, pick, life.engine.commands.cancel),
  resume: (life: Life, pick: number) =>
    withRun(life, pick, (run) => life.engine.commands.resume(run, null)),
  rerun: (life: Life, pick: number) => withRun(life, pick, life.engine.commands.rerun),
  wait: async (life: Life, pick: number) => life.pass(pick % 2 === 0 ? 1 : HOUR),
};

/** Until nothing moves: bodies that were told to stop do so. */
async function settle(life: Life): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet += 1) {
    await new Promise((done) => setImmediate(done));
    await life.store.saved();
    const told = life.cancelled.splice(0).filter((run) => life.held.has(run));
    if (told.length > 0) quiet = 0;
    await Promise.all(told.map((run) => life.finish(run, { type: "cancelled", message: "" })));
  }
}

async function expectOrder(life: Life): Promise<void> {
  await settle(life);
  const open = await openRuns(life);
  const resting = open.filter(({ id }) => !life.held.has(id));
  const busy = new Set(open.filter(({ id }) => life.held.has(id)).map(({ flow }) => flow));
  const isDbFree = ![...busy].some((flow) => flow === "queue-one" || flow === "allow");
  const stuck = waitingInVain(resting, life.clock.now()).filter(({ flow, state }) => {
    const slot = state.type === "SCHEDULED" ? state.slot : undefined;
    return slot === "tag:db" ? isDbFree : !busy.has(flow);
  });
  expect(stuck.map(({ flow, state }) => [flow, state])).toEqual([]);
  expect(sideBySide(life.store, SIZES)).toEqual([]);
  // Nobody makes way for a run that is executed again: somebody asked for just that one.
  const rivals = open.filter(
    ({ flow, endedAt }) => flow === "cancel-running" && endedAt === undefined,
  );
  expect(rivals.length).toBeLessThanOrEqual(1);
}

async function playOut(lives: readonly (readonly Doing[])[]): Promise<void> {
  const folder = temporaryFolder();
  for (const doings of lives) {
    const life = await running(FLOWS, temporaryStore(folder), LIMITS);
    const done: Promise<unknown>[] = [];
    for (const { what, pick, turns } of doings) {
      done.push(DOINGS[what](life, pick));
      for (let turn = 0; turn < turns; turn += 1) await new Promise((next) => setImmediate(next));
    }
    await Promise.all(done);
    await expectOrder(life);
    await life.engine.stop();
    await life.store.close(instant(NOON));
  }
}

const doing: fc.Arbitrary<Doing> = fc.record({
  what: fc.constantFrom("ask", "ask", "end", "end", "cancel", "resume", "rerun", "wait"),
  pick: fc.nat(1_000),
  turns: fc.constantFrom(0, 0, 1, 5),
});

test("whatever is asked for in whatever order, runs overlap only as they may, and nobody waits in vain", async () => {
  const lives = fc.array(fc.array(doing, { maxLength: 25 }), { minLength: 1, maxLength: 3 });
  await fc.assert(fc.asyncProperty(lives, playOut), { numRuns: 60 });
}, 120_000);
