import { describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { BackfillAnswer, BackfillRequest } from "../../src/domain/backfill.ts";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { instant } from "../../src/domain/instant.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { decisions, dueTimes, livingOn } from "./support/living.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const REPORT = aFlow({ schedules: [aSchedule(HOURLY)] });

function living(flow: FlowSpec = REPORT, folder = temporaryFolder()) {
  return livingOn(temporaryStore(folder), virtualClock(NOON), [flow]);
}

function asked(changes: Partial<BackfillRequest> = {}): BackfillRequest {
  return {
    flow: "report",
    from: at(-5 * HOUR),
    to: at(HOUR),
    overlap: "queue-all",
    by: "anna",
    ...changes,
  };
}

function begun(answer: BackfillAnswer) {
  if (answer.type !== "begun") throw new Error(`it was refused: ${answer.type}`);
  return answer.backfill;
}

/** Lets the runs of backfills be made, all of them. */
async function makeAll(making: () => Promise<unknown>): Promise<void> {
  while ((await making()) !== undefined);
}

describe("a backfill", () => {
  test("makes a run of each due time of the range, oldest first, behind everything else", async () => {
    const { store, care, making } = living();

    const { id } = begun(await care.beginBackfill(asked()));
    await makeAll(making);

    expect(dueTimes(store)).toEqual(["07:00", "08:00", "09:00", "10:00", "11:00", "12:00"]);
    const runs = await historyOf(store.reader).listRuns({ limit: 10 });
    expect(runs.map(({ scheduledFor }) => scheduledFor)).toEqual(
      runs.map(({ scheduledFor }) => scheduledFor).toSorted((a = NOON, b = NOON) => b - a),
    );
    for (const run of runs) {
      expect(run).toMatchObject({
        backfill: id,
        priority: -1,
        exclusive: true,
        tags: ["backfill"],
      });
    }
    expect(care.findBackfill(id)).toMatchObject({
      status: "running",
      total: 6,
      counts: { waiting: 6, toMake: 0, hadRun: 0 },
    });
  });

  test("takes due times at or after its beginning, and before its end", async () => {
    const { care, store, making } = living();

    begun(await care.beginBackfill(asked({ from: at(-2 * HOUR), to: at(0) })));
    await makeAll(making);

    expect(dueTimes(store)).toEqual(["10:00", "11:00"]);
  });

  test("leaves due times alone that have a run, and makes runs of missed and skipped ones", async () => {
    const { store, clock, care, making, pass } = living();
    await pass(60 * MINUTE);
    await pass(60 * MINUTE);
    expect(decisions(store)).toEqual(["skipped 14:00"]);

    const plan = care.planBackfill(asked({ from: at(1), to: clock.now() }));
    expect(plan).toMatchObject({ plan: { total: 1, hadRun: 1 } });
    const { id } = begun(await care.beginBackfill(asked({ from: at(1), to: at(3 * HOUR) })));
    await makeAll(making);

    expect(dueTimes(store)).toEqual(["13:00", "14:00"]);
    expect(care.findBackfill(id)?.counts).toMatchObject({ hadRun: 1, waiting: 1 });
    expect(care.listBackfillDues(id, { after: -1, limit: 10 })?.items).toMatchObject([
      { dueAt: "2026-06-01T13:00:00.000Z", outcome: "had-run", state: "SCHEDULED" },
      { dueAt: "2026-06-01T14:00:00.000Z", outcome: "made", state: "SCHEDULED" },
    ]);
  });

  test("makes no due time twice, whoever asks how often", async () => {
    const { store, care, making } = living();

    begun(await care.beginBackfill(asked()));
    const { id } = begun(await care.beginBackfill(asked()));
    await makeAll(making);

    expect(dueTimes(store)).toHaveLength(6);
    expect(care.findBackfill(id)).toMatchObject({ status: "done", counts: { hadRun: 6 } });
  });

  test("does not take what the schedule has not dealt with yet", async () => {
    const { store, clock, care, making, tick } = living();
    clock.advance(60 * MINUTE);

    begun(await care.beginBackfill(asked({ to: at(2 * HOUR) })));
    await makeAll(making);
    await tick.pass();

    const runs = await historyOf(store.reader).listRuns({ limit: 1 });
    expect(runs[0]).toMatchObject({ scheduledFor: at(HOUR), priority: 0 });
    expect(runs[0]?.backfill).toBeUndefined();
    expect(decisions(store)).toEqual([]);
  });

  test("neither moves the schedule nor stands in its way", async () => {
    const { store, care, making, pass } = living();
    begun(await care.beginBackfill(asked()));
    await makeAll(making);

    await pass(60 * MINUTE);

    expect(dueTimes(store).at(-1)).toBe("13:00");
    expect(decisions(store)).toEqual([]);
  });

  test("may cover what was due while the flow was paused", async () => {
    const { store, care, making, pass } = living();
    await care.pause({ flow: "report", by: "anna" });
    await pass(130 * MINUTE);

    begun(await care.beginBackfill(asked({ from: at(1), to: at(3 * HOUR) })));
    await makeAll(making);
    await care.resume({ flow: "report", by: "anna" });
    await pass(60 * MINUTE);

    expect(dueTimes(store)).toEqual(["13:00", "14:00", "15:00"]);
  });

  test("goes on after a kill, wherever it was, and makes no due time twice", async () => {
    const minutely = { ...HOURLY, cron: "* * * * *" };
    const flow = aFlow({ overlap: "allow", schedules: [aSchedule(minutely)] });
    let folder = temporaryFolder();
    let life = living(flow, folder);
    const { id } = begun(await life.care.beginBackfill(asked({ from: at(-25 * HOUR) })));
    for (let round = 0; round < 6; round += 1) {
      const making = life.making();
      making.catch(() => {});
      if (round % 2 === 0) await making;
      const left = temporaryFolder();
      for (const file of ["state.db", "state.db-wal"])
        copyFileSync(join(folder, file), join(left, file));
      await life.store.close(NOON);
      folder = left;
      life = living(flow, folder);
    }
    expect(life.care.findBackfill(id)).toMatchObject({ status: "making", total: 1_501 });

    await makeAll(life.making);

    expect(life.care.findBackfill(id)).toMatchObject({
      status: "running",
      counts: { waiting: 1_501, hadRun: 0, toMake: 0 },
    });
    expect(
      new Set(
        life.store.reader
          .all<{ due: number }>("SELECT scheduled_for AS due FROM run")
          .map(({ due }) => due),
      ).size,
    ).toBe(1_501);
  });

  test("that cannot go on says why, and does not keep others waiting", async () => {
    const { store, care, making } = living(aFlow({ schedules: [aSchedule(HOURLY)] }));
    const stuck = begun(await care.beginBackfill(asked({ to: at(-3 * HOUR) })));
    const other = begun(await care.beginBackfill(asked({ from: at(-2 * HOUR) })));
    const refusal = `CREATE TRIGGER refusal BEFORE UPDATE ON backfill_due WHEN NEW.due_at < ${at(-3 * HOUR)}
      BEGIN SELECT RAISE(ABORT, 'no room for it'); END`;
    await store.write((connection) => connection.run(refusal));

    await expect(making()).rejects.toThrow("no room for it");
    await making();
    await expect(making()).rejects.toThrow("no room for it");

    expect(care.findBackfill(other.id)).toMatchObject({ counts: { toMake: 0, waiting: 3 } });
    expect(care.findBackfill(stuck.id)).toMatchObject({
      status: "making",
      trouble: { why: expect.stringContaining("no room for it"), tries: 2 },
    });
    await store.write((connection) => connection.run("DROP TRIGGER refusal"));
    await makeAll(making);
    expect(care.findBackfill(stuck.id)).toMatchObject({ counts: { toMake: 0, waiting: 2 } });
    expect(care.findBackfill(stuck.id)?.trouble).toBeUndefined();
  });

  test("that is cancelled makes no more runs, and those that wait are cancelled", async () => {
    const { store, care, making } = living(
      aFlow({ schedules: [aSchedule({ ...HOURLY, cron: "* * * * *" })] }),
    );
    const { id } = begun(await care.beginBackfill(asked()));
    await making();

    const over = await care.cancelBackfill(id);
    await makeAll(making);

    expect(over).toMatchObject({ status: "cancelled", counts: { cancelled: 250, waiting: 0 } });
    expect(dueTimes(store)).toHaveLength(250);
  });

  test("runs side by side where that is asked for, with the parameters of each schedule", async () => {
    const schedules = ["a", "b"].map((key) =>
      aSchedule(HOURLY, { key: key as ScheduleKey, parameters: { key } }),
    );
    const { store, care, making } = living(aFlow({ schedules }));

    begun(await care.beginBackfill(asked({ from: at(-HOUR), to: at(0), overlap: "allow" })));
    await makeAll(making);

    const runs = await historyOf(store.reader).listRuns({ limit: 10 });
    expect(runs.map(({ exclusive, parameters }) => `${exclusive} ${parameters}`)).toEqual([
      'false {"key":"b"}',
      'false {"key":"a"}',
    ]);
  });

  test("notes due times whose schedule went away meanwhile", async () => {
    const { care, making, use } = living();
    const { id } = begun(await care.beginBackfill(asked()));
    use([aFlow()]);

    await makeAll(making);

    expect(care.findBackfill(id)).toMatchObject({ status: "done", counts: { noSchedule: 6 } });
  });

  test("is refused where there is nothing to do, or too much", async () => {
    const { care } = living();

    expect((await care.beginBackfill(asked({ flow: "repotr" }))).type).toBe("no-such-flow");
    expect((await care.beginBackfill(asked({ schedule: "daily" }))).type).toBe("no-such-schedule");
    expect((await care.beginBackfill(asked({ from: at(1), to: at(HOUR) }))).type).toBe(
      "nothing-due",
    );
    expect((await care.beginBackfill(asked({ from: instant(0) }))).type).toBe("too-many");
  });
});

test("what is kept about schedules is deleted when it is older than runs are kept", async () => {
  const { store, clock, care, making, use } = living();
  const { id } = begun(await care.beginBackfill(asked()));
  await makeAll(making);
  await care.pause({ flow: "report", by: "anna" });
  await care.resume({ flow: "report", by: "anna" });
  use([aFlow()]);
  const kept = () =>
    ["backfill", "backfill_due", "schedule_pause", "schedule_life"].map(
      (table) => store.reader.all(`SELECT 1 FROM ${table}`).length,
    );
  expect(kept()).toEqual([1, 6, 1, 1]);
  clock.advance(HOUR);

  // Its runs are still there.
  await store.write((connection) => pruneEnded(connection, clock.now(), 100));
  expect(kept()).toEqual([1, 6, 0, 0]);
  await care.cancelBackfill(id);
  await store.write((connection) => pruneEnded(connection, at(2 * HOUR), 100));

  expect(kept()).toEqual([0, 0, 0, 0]);
});
