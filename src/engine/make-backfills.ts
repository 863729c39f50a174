import type { Backfill, BackfillOutcome, BackfillTrouble } from "../domain/backfill.ts";
import type { FlowSpec, Generation, ScheduleSpec } from "../domain/flow.ts";
import type { Random } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import { jsonText } from "../domain/json.ts";
import { bear } from "../domain/new-run.ts";
import { clockNote } from "../schedule/clock-note.ts";
import {
  listBackfillsToMake,
  listDuesToMake,
  type PlacedDue,
  saveMade,
  saveOutcome,
} from "../store/backfill-store.ts";
import type { Store } from "../store/open-store.ts";

// In: backfills whose due times have not all been dealt with. Out: their runs, oldest first, a few at a time.

/** Runs that are made in one transaction, before others get their turn. */
const RUNS_AT_ONCE = 250;
/** What runs of backfills carry, so that hooks and limits can tell them apart. */
const TAG = "backfill";

export interface MakingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly newest: () => Generation;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
}

/** Makes the runs of backfills, and knows which of them cannot be made at present. */
export interface BackfillMaker {
  /** Goes on with the oldest backfill that is not done; answers when to come again, if there is more to do. */
  pass(): Promise<Instant | undefined>;
  /** Why the last tries to go on with a backfill failed; undefined where the last one did not. */
  troubleOf(backfillId: string): BackfillTrouble | undefined;
}

export function createBackfillMaker(deps: MakingDeps): BackfillMaker {
  const { store, clock } = deps;
  const troubles = new Map<string, BackfillTrouble>();
  const triesOf = ({ id }: Backfill) => troubles.get(id)?.tries ?? 0;
  return {
    async pass() {
      const open = listBackfillsToMake(store.reader);
      // One that cannot go on does not keep those behind it waiting.
      const [backfill] = open.toSorted((one, other) => triesOf(one) - triesOf(other));
      if (backfill === undefined) return undefined;
      try {
        await goOnWith(backfill, deps);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        troubles.set(backfill.id, { why, tries: triesOf(backfill) + 1 });
        throw error;
      }
      troubles.delete(backfill.id);
      return clock();
    },
    troubleOf: (backfillId) => troubles.get(backfillId),
  };
}

async function goOnWith(backfill: Backfill, deps: MakingDeps): Promise<void> {
  const { store, clock } = deps;
  const dues = listDuesToMake(store.reader, backfill, RUNS_AT_ONCE);
  await makeRuns(backfill, dues, deps);
  if (dues.length < RUNS_AT_ONCE) {
    await store.write((connection) => saveMade(connection, backfill, clock()));
  }
}

/** Each run is saved together with the note that its due time is done: killed in between, neither is there. */
async function makeRuns(
  backfill: Backfill,
  dues: readonly PlacedDue[],
  deps: MakingDeps,
): Promise<void> {
  const { store, flowNamed } = deps;
  const flow = flowNamed(backfill.flow);
  const others = await Promise.all(
    dues.map(async ({ place, schedule: key, dueAt }) => {
      const schedule = flow?.schedules.find((one) => one.key === key);
      if (flow === undefined || schedule === undefined) return [{ place, outcome: NO_SCHEDULE }];
      const birth = birthOf({ flow, schedule, dueAt }, backfill, deps);
      const saved = await store.saveRunStep(birth, (connection) =>
        saveOutcome(connection, backfill, { place, outcome: "made" }),
      );
      return saved === "saved" ? [] : [{ place, outcome: HAD_RUN }];
    }),
  );
  const left = others.flat();
  if (left.length === 0) return;
  await store.write((connection) => {
    for (const due of left) saveOutcome(connection, backfill, due);
  });
}

const NO_SCHEDULE: BackfillOutcome = "no-schedule";
const HAD_RUN: BackfillOutcome = "had-run";

interface Due {
  readonly flow: FlowSpec;
  readonly schedule: ScheduleSpec;
  readonly dueAt: Instant;
}

/** It goes after whatever else waits, and never stands in the way of what is due. */
function birthOf(
  { flow, schedule, dueAt }: Due,
  backfill: Backfill,
  { store, clock, random, newest }: MakingDeps,
) {
  return bear(
    {
      no: store.numbers.take("run"),
      flow: flow.name,
      parameters: jsonText(schedule.parameters),
      tags: flow.tags.includes(TAG) ? flow.tags : [...flow.tags, TAG],
      generation: newest().number,
      dueAt,
      message: clockNote(schedule.timing, dueAt),
      priority: Math.min(0, flow.priority) - 1,
      exclusive: backfill.overlap === "queue-all",
      schedule: schedule.key,
      scheduledFor: dueAt,
      backfill: backfill.id,
    },
    clock(),
    random,
  );
}
