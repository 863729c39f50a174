import { describe, expect, test } from "bun:test";
import type { FlowSpec, ScheduleSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { keepOrMiss } from "../../src/domain/missed.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { decisions, dueTimes, livingOn } from "./support/living.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const EVERY_SECOND = { kind: "every", everyMs: SECOND, anchor: NOON } as const;

function hourly(changes: Partial<FlowSpec> = {}, schedule: Partial<ScheduleSpec> = {}): FlowSpec {
  return aFlow({ overlap: "allow", schedules: [aSchedule(HOURLY, schedule)], ...changes });
}

function living(flow: FlowSpec = hourly(), folder = temporaryFolder(), clock = virtualClock(NOON)) {
  return livingOn(temporaryStore(folder, clock.now()), clock, [flow]);
}

describe("what was missed", () => {
  test("while the machine slept is treated as while the daemon was down", async () => {
    const asleep = living();
    await asleep.pass(200 * MINUTE);

    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    await living(hourly(), folder, clock).store.close(clock.now());
    clock.advance(200 * MINUTE);
    const down = living(hourly(), folder, clock);
    await down.tick.pass();

    for (const { store } of [asleep, down]) {
      expect(dueTimes(store)).toEqual(["15:00"]);
      expect(decisions(store)).toEqual(["missed 13:00", "missed 14:00"]);
    }
  });

  test("is what is later than the grace: a pass that is a little late runs them all", async () => {
    const life = living();

    await life.pass(60 * MINUTE + 60 * SECOND);
    await life.pass(60 * MINUTE + SECOND);

    expect(dueTimes(life.store)).toEqual(["13:00", "14:00"]);
    expect(decisions(life.store)).toEqual([]);
  });

  test("is one run however much it is: the latest, with a decision for each of the others", async () => {
    const life = living(aFlow({ overlap: "allow", schedules: [aSchedule(EVERY_SECOND)] }));
    life.clock.advance(7 * HOUR);
    while ((await life.tick.pass()) ?? NOON <= life.clock.now()) {
      if ((life.tick.nextDueAt() ?? NOON) > life.clock.now()) break;
    }

    const [{ runs } = { runs: 0 }] = life.store.reader.all<{ runs: number }>(
      "SELECT count(*) AS runs FROM run",
    );
    const [{ missed } = { missed: 0 }] = life.store.reader.all<{ missed: number }>(
      "SELECT count(*) AS missed FROM decision WHERE kind = 'missed'",
    );
    // Those of the last minute were not missed.
    expect(runs).toBe(61);
    expect(missed).toBe(7 * 3_600 - 61);
  });

  test("is caught up on as far as the flow says, also across the passes that it takes", () => {
    const dues = [1, 2, 3, 4].map((hours) => at(hours * HOUR));
    const all = { policy: "all", windowMs: DAY, max: 3 } as const;
    const moment = { now: at(9 * HOUR), graceMs: MINUTE };

    expect(keepOrMiss(dues, all, moment).kept).toEqual(dues.slice(1));
    expect(keepOrMiss(dues, all, { ...moment, more: 2 }).kept).toEqual(dues.slice(3));
    expect(keepOrMiss(dues, all, { ...moment, more: 3 }).kept).toEqual([]);
    const latest = { ...all, policy: "latest" } as const;
    expect(keepOrMiss(dues, latest, moment).kept).toEqual(dues.slice(3));
    expect(keepOrMiss(dues, latest, { ...moment, more: 1 }).kept).toEqual([]);
  });
});

describe("a clock that jumps", () => {
  test("forward and back leaves the due times in between to be run when they come", async () => {
    const life = living();
    await life.pass(185 * MINUTE);
    expect(dueTimes(life.store)).toEqual(["15:00"]);
    life.clock.set(at(5 * MINUTE));
    life.tick.reconcile();

    for (let pass = 0; pass < 4; pass += 1) await life.pass(HOUR);

    expect(dueTimes(life.store)).toEqual(["13:00", "14:00", "15:00", "16:00"]);
  });

  test("back never makes a due time twice, nor skips it for its own run", async () => {
    const life = living(hourly({ overlap: "skip" }));
    await life.pass(HOUR);
    life.clock.set(at(-30 * MINUTE));
    life.tick.reconcile();

    await life.pass(30 * MINUTE);
    await life.pass(HOUR);

    expect(dueTimes(life.store)).toEqual(["12:00", "13:00"]);
    expect(decisions(life.store)).toEqual([]);
  });

  test("back by years and a restart do not put a schedule to sleep", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(at(1_000 * DAY));
    const first = living(hourly(), folder, clock);
    await first.pass(HOUR);
    await first.store.close(clock.now());
    clock.set(NOON);

    const second = living(hourly(), folder, clock);
    await second.pass(HOUR);

    expect(dueTimes(second.store)).toEqual(["13:00", "13:00"]);
  });
});

describe("a schedule that begins", () => {
  const cases: readonly (readonly [string, FlowSpec])[] = [
    ["with a new flow", hourly({ name: "other" as FlowSpec["name"] })],
    ["under a new key", hourly({}, { key: "renamed" as ScheduleKey })],
    ["with another rhythm", aFlow({ schedules: [aSchedule({ ...HOURLY, cron: "0 */1 * * *" })] })],
  ];

  test.each(cases)("%s starts at now and makes up for nothing", async (_, changed) => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    await living(hourly(), folder, clock).store.close(clock.now());
    clock.advance(150 * MINUTE);

    const second = living(changed, folder, clock);
    await second.tick.pass();
    await second.pass(30 * MINUTE);

    expect(dueTimes(second.store)).toEqual(["15:00"]);
    expect(decisions(second.store)).toEqual([]);
  });

  test("again after the config had paused it starts at now", async () => {
    const life = living(hourly({}, { paused: true }));
    await life.pass(90 * MINUTE);

    life.use([hourly()]);
    await life.pass(30 * MINUTE);

    expect(dueTimes(life.store)).toEqual(["14:00"]);
  });

  test("with other parameters goes on where it was", async () => {
    const life = living();
    life.clock.advance(70 * MINUTE);

    life.use([hourly({}, { parameters: { day: "mon" } })]);
    await life.tick.pass();

    expect(dueTimes(life.store)).toEqual(["13:00"]);
  });
});

test("a config that is accepted while due times are being saved makes none twice, and none of them skipped", async () => {
  const life = living(hourly({ overlap: "skip" }));
  life.clock.advance(HOUR);

  const pass = life.tick.pass();
  life.use([hourly({ overlap: "skip", tags: ["new"] })]);
  await Promise.all([pass, life.tick.pass()]);
  await life.tick.pass();

  expect(dueTimes(life.store)).toEqual(["13:00"]);
  expect(decisions(life.store)).toEqual([]);
});

test("two years of an hourly schedule on a machine that sleeps leave each hour with one run or one decision", async () => {
  const life = living();
  let hours = 0;

  for (let naps = 0; hours < 2 * 365 * 24; naps += 1) {
    const asleep = naps % 9 === 0 ? 30 : 24;
    await life.pass(asleep * HOUR);
    hours += asleep;
  }

  const [counts] = life.store.reader.all<{ runs: number; decisions: number; both: number }>(
    `SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM decision) AS decisions,
       (SELECT count(*) FROM run JOIN decision ON decision.due_at = scheduled_for) AS both`,
  );
  expect(counts?.both).toBe(0);
  expect((counts?.runs ?? 0) + (counts?.decisions ?? 0)).toBe(hours);
}, 30_000);
