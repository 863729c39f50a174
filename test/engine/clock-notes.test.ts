import { describe, expect, test } from "bun:test";
import type { Timing } from "../../src/domain/flow.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { livingOn } from "./support/living.ts";

const HOUR = 3_600_000;

/** In New York the clocks are put forward from 02:00 to 03:00 at this instant, and back in the autumn. */
const FORWARD = instant(Date.UTC(2027, 2, 14, 7));
const BACK = instant(Date.UTC(2027, 10, 7, 6));

function newYork(cron: string, timezone = "America/New_York"): Timing {
  return { kind: "cron", cron, timezone, dst: "once" };
}

/** What the runs of the hours around an instant say in their first state, oldest first. */
async function notes(timing: Timing, around: Instant): Promise<readonly string[]> {
  const clock = virtualClock(instant(around - 2 * HOUR));
  const store = temporaryStore(temporaryFolder(), clock.now());
  const flow = aFlow({ overlap: "allow", schedules: [aSchedule(timing)] });
  const life = livingOn(store, clock, [flow]);
  for (let passes = 0; passes < 4 * 60; passes += 1) await life.pass(60_000);

  const history = historyOf(store.reader);
  const runs = await history.listRuns({ limit: 100 });
  const first = await Promise.all(runs.map(async (run) => (await history.listTransitions(run))[0]));
  return first.map((step) => step?.state.message ?? "nothing").reverse();
}

describe("a run says what a clock change made of its due time:", () => {
  test("that it was moved out of the hour that the clocks left out", async () => {
    expect(await notes(newYork("30 2 * * *"), FORWARD)).toEqual([
      "due 02:30, moved to 03:00 by a clock change (America/New_York)",
    ]);
  });

  test("which local times it stands for, if there are several", async () => {
    expect(await notes(newYork("0,30 2 * * *"), FORWARD)).toEqual([
      "due 02:00, 02:30: made one run at 03:00 by a clock change (America/New_York)",
    ]);
    expect(await notes(newYork("15 0 2,3 * * *"), FORWARD)).toEqual([
      "due 02:00:15, moved to 03:00 by a clock change (America/New_York)",
      "",
    ]);
    expect(await notes(newYork("0-59 2 * * *"), FORWARD)).toEqual([
      expect.stringMatching(/^due 02:00, .*, 02:11 and more: made one run at 03:00 /),
    ]);
  });

  test("that its local time came a second time", async () => {
    expect(await notes(newYork("*/30 1 * * *"), BACK)).toEqual([
      "",
      "",
      "due 01:00 for the second time, by a clock change (America/New_York)",
      "due 01:30 for the second time, by a clock change (America/New_York)",
    ]);
  });

  test("which day it was due on, where a whole day was left out", async () => {
    const apia = newYork("0 9 * * *", "Pacific/Apia");
    const missingDay = instant(Date.UTC(2011, 11, 30, 10));

    expect(await notes(apia, missingDay)).toEqual([
      "due 2011-12-30 09:00, moved to 00:00 by a clock change (Pacific/Apia)",
    ]);
  });

  test("and nothing where no clock was changed", async () => {
    expect(await notes(newYork("0,30 4 * * *"), FORWARD)).toEqual(["", ""]);
    expect(await notes(newYork("30 1 * * *"), BACK)).toEqual([""]);
    expect(await notes(newYork("0 * * * *", "UTC"), BACK)).toEqual(["", "", "", ""]);
  });
});
