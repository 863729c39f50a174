import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { ScheduleKey } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aFlow, aSchedule } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { livingOn } from "./support/living.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const REPORT = aFlow({ schedules: [aSchedule(HOURLY)] });

function living(flow: FlowSpec = REPORT, folder = temporaryFolder(), clock = virtualClock(NOON)) {
  return livingOn(temporaryStore(folder, clock.now()), clock, [flow]);
}

async function told({ care }: ReturnType<typeof living>, when?: Instant) {
  const explained = await care.explain("report", when);
  const { verdict = "", sentences = [] } = explained?.explanation ?? {};
  return { verdict, text: sentences.join("\n"), facts: explained?.facts };
}

describe("what is gathered to explain", () => {
  test("names the daemon's absence at a missed due time", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    const first = living(REPORT, folder, clock);
    clock.advance(10 * MINUTE);
    await first.store.close(clock.now());
    clock.advance(130 * MINUTE);

    const second = living(REPORT, folder, clock);
    await second.tick.pass();

    const { verdict, text } = await told(second, at(HOUR));
    expect(verdict).toBe("missed");
    expect(text).toContain(
      "The daemon was down from 2026-06-01T12:10:00.000Z to 2026-06-01T14:20:00.000Z (it was stopped).",
    );
    expect(await told(second, at(2 * HOUR))).toMatchObject({ verdict: "waits" });
  });

  test("names the run that was in the way", async () => {
    const life = living();
    await life.pass(HOUR);
    await life.pass(HOUR);

    const [open] = await historyOf(life.store.reader).listRuns({ limit: 1 });
    const { verdict, text } = await told(life, at(2 * HOUR));

    expect(verdict).toBe("skipped");
    expect(text).toContain(`Run "${open?.name}" waits to be started`);
  });

  test("answers for the latest due time when no time is given", async () => {
    const life = living();
    await life.pass(HOUR + 5 * MINUTE);

    const { facts } = await told(life);

    expect(facts?.at).toBe(at(HOUR));
    expect(facts?.schedules[0]?.nextDueAt).toBe(at(2 * HOUR));
  });

  test("knows who had paused it then, and that a schedule was added or changed later", async () => {
    const life = living();
    await life.care.pause({ flow: "report", by: "anna", reason: "holidays" });
    await life.pass(90 * MINUTE);
    await life.care.resume({ flow: "report", by: "bob" });
    life.use([{ ...REPORT, schedules: [aSchedule({ ...HOURLY, cron: "30 * * * *" })] }]);

    expect(await told(life, at(HOUR))).toMatchObject({ verdict: "paused" });
    expect((await told(life, at(HOUR))).text).toContain("resumed by bob");
    expect(await told(life, at(30 * MINUTE))).toMatchObject({ verdict: "not-due" });
    expect(await told(life, at(-HOUR))).toMatchObject({ verdict: "not-in-force" });
    expect(await told(life, at(2.5 * HOUR))).toMatchObject({ verdict: "will-run" });
  });

  test("goes by the schedule as it was then", async () => {
    const life = living();
    await life.pass(HOUR);
    life.use([{ ...REPORT, schedules: [aSchedule({ ...HOURLY, cron: "30 * * * *" })] }]);
    await life.pass(HOUR);

    const { text, verdict } = await told(life, at(HOUR));

    expect(verdict).toBe("waits");
    expect(text).toContain("Every hour");
  });

  test("tells of what was due while the daemon was down and the config was changed", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    await living(REPORT, folder, clock).store.close(clock.now());
    clock.advance(3 * HOUR);
    const changed = aFlow({ schedules: [aSchedule({ ...HOURLY, cron: "30 * * * *" })] });

    const second = living(changed, folder, clock);

    const { verdict, text } = await told(second, at(HOUR));
    expect(verdict).toBe("changed");
    expect(text).toContain("The daemon was down from 2026-06-01T12:00:00.000Z");
  });

  test("finds runs that were asked for by hand, and those that will be", async () => {
    const life = living(aFlow());
    const asked = aRun(life.store, {
      state: { type: "SCHEDULED", name: "Scheduled", message: "", at: NOON, dueAt: at(HOUR) },
    });
    await life.store.saveRunStep({ before: undefined, after: asked });

    const { verdict, text } = await told(life, at(HOUR));

    expect(verdict).toBe("no-schedule");
    expect(text).toContain(`Somebody asked for a run. Run "${asked.name}" waits to be started`);
    const submit = advance(asked, { type: "submit" }, at(HOUR));
    await life.store.saveRunStep(submit);
    await life.store.saveRunStep(advance(submit.after, { type: "start" }, at(HOUR)));
    expect((await told(life, at(HOUR))).text).toContain("is Running");
  });

  test("marks what a change of the clocks made of a due time", async () => {
    const clock = virtualClock(instant(Date.UTC(2027, 2, 14, 0)));
    const nightly = { ...HOURLY, cron: "30 2 * * *", timezone: "America/New_York" };
    const life = living(aFlow({ schedules: [aSchedule(nightly)] }), temporaryFolder(), clock);
    await life.pass(8 * HOUR);

    const { verdict, text } = await told(life, instant(Date.UTC(2027, 2, 14, 7)));

    expect(verdict).toBe("waits");
    expect(text).toContain("It stands for the local time 2027-03-14T02:30:00");
  });

  test("does not know what nobody knows, and remembers what the config has no longer", async () => {
    const life = living();
    await life.pass(HOUR);
    life.use([]);

    expect(await life.care.explain("repotr", undefined)).toBeUndefined();
    const { verdict, text } = await told(life, at(HOUR));
    expect(verdict).toBe("waits");
    expect(text).toContain('The config has no flow "report" now.');
    expect((await told(life, at(5 * HOUR))).text).toContain(
      "it was in force between 2026-06-01T12:00:00.000Z and 2026-06-01T13:00:00.000Z",
    );
  });

  test("finds the run of a flow that is due when the daemon starts", async () => {
    const life = living(aFlow({ schedules: [aSchedule({ kind: "start" })] }));
    await life.tick.pass();

    expect(await told(life, NOON)).toMatchObject({ verdict: "waits" });
    expect((await told(life)).facts?.at).toBe(NOON);
    const later = await told(life, at(HOUR));
    expect(later.verdict).toBe("not-due");
    expect(later.text).toContain("is due whenever the daemon starts.");
    expect(later.text).toContain("The daemon last started at 2026-06-01T12:00:00.000Z.");
    expect(later.text).toContain("waits to be started");
  });

  test("says which start of the daemon made no run of a flow that is due then", async () => {
    const folder = temporaryFolder();
    const clock = virtualClock(NOON);
    const atStart = aFlow({ schedules: [aSchedule({ kind: "start" })] });
    const first = living(aFlow({ schedules: [] }), folder, clock);
    clock.advance(HOUR);
    first.use([atStart]);
    const added = await told(first, at(2 * HOUR));
    clock.advance(HOUR);
    await first.store.close(clock.now());
    const second = living(atStart, folder, clock);
    await second.tick.pass();

    expect(added.verdict).toBe("not-due");
    expect(added.text).toContain("The daemon last started at 2026-06-01T12:00:00.000Z.");
    expect(added.text).toContain(
      "That start has no run: the config had no such schedule yet (it is in force since 2026-06-01T13:00:00.000Z).",
    );
    expect((await told(second)).verdict).toBe("waits");
    expect((await told(second, at(90 * MINUTE))).text).toContain("That start has no run");
    expect((await told(second, at(3 * HOUR))).text).toContain(
      "The daemon last started at 2026-06-01T14:00:00.000Z.\nRun ",
    );
  });

  test("does not name a next due time of a schedule that is over or rests", async () => {
    const over = living(aFlow({ schedules: [aSchedule(HOURLY, { until: at(-HOUR) })] }));
    const dates = { kind: "at", at: [at(-3 * HOUR)] } as const;
    const past = living(aFlow({ schedules: [aSchedule(dates)] }));
    const paused = living();
    await paused.care.pause({ flow: "report", by: "anna", reason: "" });
    const rests = living(aFlow({ schedules: [aSchedule(HOURLY, { paused: true })] }));

    expect((await told(over)).text).toEndWith(
      "It is not due any more: its last due time was 2026-06-01T11:00:00.000Z.",
    );
    expect((await told(past)).text).toEndWith("its last due time was 2026-06-01T09:00:00.000Z.");
    expect((await told(paused)).text).toMatch(/It would be due next at .*\nThe flow is paused/);
    expect((await told(rests)).text).toMatch(/It would be due next at .*\nThe config says paused/);
  });

  test("finds the run that a backfill made of a time before the schedule was in the config", async () => {
    const life = living();
    const request = { flow: "report", from: at(-3 * HOUR), to: at(-HOUR), by: "anna" };
    await life.care.beginBackfill({ ...request, overlap: "queue-all" });
    await life.making();

    const { verdict, text } = await told(life, at(-2 * HOUR));

    expect(verdict).toBe("waits");
    expect(text).toContain("It was made by backfill");
    expect(await told(life, at(-HOUR))).toMatchObject({ verdict: "not-in-force" });
  });

  test("speaks of each schedule of a flow", async () => {
    const schedules = ["a", "b"].map((key, index) =>
      aSchedule({ ...HOURLY, cron: `${index * 10} * * * *` }, { key: key as ScheduleKey }),
    );
    const life = living(aFlow({ schedules }));

    const { text } = await told(life, at(15 * MINUTE));

    expect(text).toContain('Schedule "a"');
    expect(text).toContain('Schedule "b"');
  });
});
