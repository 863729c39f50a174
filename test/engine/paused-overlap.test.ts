import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { OverlapPolicy } from "../../src/domain/flow.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { decisions, dueTimes, livingOn } from "./support/living.ts";

const HOUR = 3_600_000;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const ASKS: readonly Signal[] = [
  { type: "submit" },
  { type: "start" },
  { type: "pause", pause: { call: 0 }, message: "waits for Ada" },
];

/** A flow whose run of 13:00 waits for a person. */
async function waitingForAda(overlap: OverlapPolicy) {
  const flow = aFlow({ overlap, schedules: [aSchedule(HOURLY)] });
  const life = livingOn(temporaryStore(temporaryFolder()), virtualClock(NOON), [flow]);
  const newest = async () => {
    const [run] = await historyOf(life.store.reader).listRuns({ limit: 1 });
    if (run === undefined) throw new Error("there is no run");
    return run;
  };
  const step = async (signals: readonly Signal[]) => {
    let run = await newest();
    for (const signal of signals) {
      const made = advance(run, signal, life.clock.now());
      await life.store.saveRunStep(made);
      run = made.after;
    }
    return run;
  };
  await life.pass(HOUR);
  const paused = await step(ASKS);
  return { ...life, paused, step };
}

describe("a run that waits for a person is open:", () => {
  test("the next due time is skipped for it, and explained by it", async () => {
    const { store, care, pass, paused } = await waitingForAda("skip");

    await pass(HOUR);

    expect(dueTimes(store)).toEqual(["13:00"]);
    expect(decisions(store)).toEqual(["skipped 14:00"]);
    const explained = await care.explain("report", at(2 * HOUR));
    expect(explained?.explanation.verdict).toBe("skipped");
    expect(explained?.explanation.sentences.join("\n")).toContain(
      `Run "${paused.name}" was started at 2026-06-01T13:00:00.000Z, and is Paused: waits for Ada.`,
    );
    expect((await care.explain("report", at(3 * HOUR)))?.explanation.verdict).toBe(
      "may-be-skipped",
    );
  });

  test("once it is over, due times are run again", async () => {
    const { store, pass, step } = await waitingForAda("skip");
    await pass(HOUR);
    await step([
      { type: "resume", dueAt: at(2 * HOUR) },
      { type: "submit" },
      { type: "start" },
      { type: "succeed" },
    ]);

    await pass(HOUR);

    expect(dueTimes(store)).toEqual(["13:00", "15:00"]);
  });

  test("cancel-running cancels it", async () => {
    const { store, pass, cancelled, paused } = await waitingForAda("cancel-running");

    await pass(HOUR);

    expect(dueTimes(store)).toEqual(["13:00", "14:00"]);
    expect(cancelled).toEqual([paused.id]);
  });

  test("queue-one, queue-all and allow make the next run, and leave it alone", async () => {
    for (const policy of ["queue-one", "queue-all", "allow"] as const) {
      const { store, pass, cancelled } = await waitingForAda(policy);

      await pass(HOUR);

      expect(dueTimes(store)).toEqual(["13:00", "14:00"]);
      expect(cancelled).toEqual([]);
    }
  });
});
