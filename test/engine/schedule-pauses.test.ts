import { describe, expect, test } from "bun:test";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { decisions, dueTimes, livingOn } from "./support/living.ts";

const MINUTE = 60_000;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const HALF_PAST = { kind: "cron", cron: "30 * * * *", timezone: "UTC", dst: "once" } as const;
const REPORT = aFlow({
  overlap: "allow",
  schedules: [
    aSchedule(HOURLY, { key: "hourly" as ScheduleKey }),
    aSchedule(HALF_PAST, { key: "half-past" as ScheduleKey }),
  ],
});
const ANNA = { flow: "report", by: "anna", reason: "the database moves" };

function living(flow: FlowSpec = REPORT) {
  return livingOn(temporaryStore(), virtualClock(NOON), [flow]);
}

describe("a flow that is paused", () => {
  test("makes no runs and no decisions, and goes on from the moment when it is resumed", async () => {
    const { store, care, pass } = living();
    await care.pause(ANNA);
    await pass(95 * MINUTE);
    expect(await care.resume({ flow: "report", by: "bob" })).toMatchObject({ changed: true });

    await pass(60 * MINUTE);

    expect(dueTimes(store)).toEqual(["14:00", "14:30"]);
    expect(decisions(store)).toEqual([]);
  });

  test("has what was due before the pause dealt with first", async () => {
    const { store, clock, care, pass } = living();
    clock.advance(60 * MINUTE);

    await care.pause(ANNA);
    await pass(60 * MINUTE);

    expect(dueTimes(store)).toEqual(["12:30", "13:00"]);
  });

  test("says who paused it, when and why, and keeps that after it is resumed", async () => {
    const { clock, store, care } = living();
    const answer = await care.pause(ANNA);
    expect(answer).toEqual({
      type: "done",
      changed: true,
      pauses: [{ since: "2026-06-01T12:00:00.000Z", by: "anna", reason: "the database moves" }],
      pausedInConfig: [],
    });
    clock.advance(MINUTE);
    await care.resume({ flow: "report", by: "bob" });

    expect(care.pauses()).toEqual([]);
    expect(store.reader.all("SELECT paused_by, until, resumed_by FROM schedule_pause")).toEqual([
      { paused_by: "anna", until: at(MINUTE), resumed_by: "bob" },
    ]);
  });

  test("stays paused when asked twice, and the first pause is the one that counts", async () => {
    const { care } = living();
    await care.pause(ANNA);

    const answer = await care.pause({ flow: "report", by: "bob" });

    expect(answer).toMatchObject({ changed: false, pauses: [{ by: "anna" }] });
  });

  test("stays paused across restarts and reloads, and when its config goes and comes back", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    const first = livingOn(temporaryStore(folder), clock, [REPORT]);
    await first.care.pause(ANNA);
    first.use([]);
    first.use([REPORT]);
    await first.pass(60 * MINUTE);
    await first.store.close(clock.now());

    const second = livingOn(temporaryStore(folder), clock, [REPORT]);
    await second.pass(60 * MINUTE);
    expect(dueTimes(second.store)).toEqual([]);
    await second.care.resume({ flow: "report", by: "bob" });
    await second.pass(30 * MINUTE);

    expect(dueTimes(second.store)).toEqual(["14:30"]);
    expect(decisions(second.store)).toEqual([]);
  });

  test("makes up for nothing even if the daemon is killed right after it was resumed", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    const first = livingOn(temporaryStore(folder), clock, [REPORT]);
    await first.care.pause(ANNA);
    await first.pass(95 * MINUTE);
    await first.care.resume({ flow: "report", by: "bob" });
    await first.store.close(clock.now());

    const second = livingOn(temporaryStore(folder), clock, [REPORT]);
    await second.tick.pass();

    expect(dueTimes(second.store)).toEqual([]);
    expect(decisions(second.store)).toEqual([]);
  });
});

describe("a schedule that is paused", () => {
  test("rests alone", async () => {
    const { store, care, pass } = living();

    await care.pause({ ...ANNA, schedule: "hourly" });
    await pass(120 * MINUTE);

    expect(dueTimes(store)).toEqual(["13:30"]);
    expect(decisions(store)).toEqual(["missed 12:30"]);
  });

  test("stays paused while its flow is paused and resumed", async () => {
    const { store, care, pass } = living();
    await care.pause({ ...ANNA, schedule: "hourly" });
    await care.pause(ANNA);
    const answer = await care.resume({ flow: "report", by: "bob" });

    await pass(60 * MINUTE);

    expect(answer).toMatchObject({ pauses: [{ schedule: "hourly", by: "anna" }] });
    expect(dueTimes(store)).toEqual(["12:30"]);
  });

  test("is shown as paused, as one is that the config pauses", async () => {
    const paused = aSchedule(HALF_PAST, { key: "half-past" as ScheduleKey, paused: true });
    const flow = { ...REPORT, schedules: [...REPORT.schedules.slice(0, 1), paused] };
    const { care } = living(flow);

    const answer = await care.pause({ ...ANNA, schedule: "hourly" });

    expect(answer).toMatchObject({ pausedInConfig: ["half-past"] });
    expect(care.withPauses(flow).schedules.map((one) => one.paused)).toEqual([true, true]);
  });

  test("must be one that the config has", async () => {
    const { care } = living();

    expect(await care.pause({ ...ANNA, schedule: "daily" })).toEqual({
      type: "no-such-schedule",
      known: ["hourly", "half-past"],
    });
    expect(await care.pause({ ...ANNA, flow: "repotr" })).toEqual({ type: "no-such-flow" });
  });
});
