import { afterEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstDifferences } from "../../src/cli/first-difference.ts";
import type { ScheduleSpec } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import { readTiming } from "../../src/schedule/read-timing.ts";
import { configText } from "../support/configs.ts";
import { aSchedule } from "../support/manifests.ts";
import { temporaryFolder } from "../support/stores.ts";
import { served, stopServers } from "./support/served.ts";
import { tocsin } from "./support/terminal.ts";

afterEach(stopServers);

/** The daemon's `nightly-report` at another rhythm, no `backup`, and a flow, a hook and a limit more. */
const EDITED = `
  const report = flow({
    name: "nightly-report",
    retries: 2,
    schedule: { key: "hourly", cron: "0 */6 * * *" },
    run: () => {},
  });
  const fresh = flow({
    name: "fresh",
    onFailure: [function shout() {}],
    schedule: { every: "8h" },
    run: () => {},
  });`;

async function edited() {
  const folder = temporaryFolder();
  const text = configText({
    code: EDITED,
    flows: ["report", "fresh"],
    options: "limits: { db: 2 }",
  });
  await writeFile(join(folder, "flows.config.ts"), text);
  return folder;
}

test("check --diff shows what the edited config changes of the one in force", async () => {
  const { call } = await served();
  const folder = await edited();

  const { code, out, err } = await call(`check --no-types --diff --config ${folder}`);

  expect(code).toBe(0);
  expect(err).toContain(
    "Compared with generation 1 of /etc/tocsin/flows.config.ts, accepted 2026-01-31T12:00:00.000Z\n",
  );
  expect(out.split("\n")).toEqual([
    "ok: 2 flows, 2 schedules, 1 hook",
    "~ flow nightly-report: retry",
    "+ flow fresh",
    "- flow backup",
    "~ schedule nightly-report/hourly: Every hour, UTC → On the hour, every 6 hours, UTC",
    expect.stringMatching(/^ {4}- within 24 h: 2026-01-31T13:00:00Z, .* and 15 more$/),
    "+ schedule fresh/fresh#1: Every 8h",
    expect.stringMatching(/^ {4}\+ within 24 h: 2026-01-31T16:00:00Z, /),
    "+ hook flow:fresh/onFailure/shout",
    "- hook flow:backup/onFailure/notify",
    "+ limit db: 2",
    "",
  ]);
});

test("check --diff --json answers it as data", async () => {
  const { call } = await served();

  const { out } = await call(`check --no-types --diff --json --config ${await edited()}`);

  const { ok, comparedWith, diff } = JSON.parse(out);
  expect([ok, comparedWith]).toEqual([true, 1]);
  expect(diff.limits).toEqual([{ tag: "db", change: "added", after: 2 }]);
  expect(diff.schedules[0]).toMatchObject({
    flow: "nightly-report",
    change: "changed",
    options: ["timing"],
  });
  expect(diff.schedules[0].disappearing).toHaveLength(20);
});

const ODD = `
  const report = flow({
    name: "nightly-report",
    schedules: [
      { key: "hourly", cron: "0 * * * *", dst: "literal", jitter: "5m" },
      { key: "dates", at: ["2027-01-01T00:00:00Z"] },
      { key: "over", at: ["2020-01-01T00:00:00Z"] },
    ],
    run: () => {},
  });`;

test("check --diff names what the words do not tell, and the first due time that is another", async () => {
  const { call } = await served();
  const folder = temporaryFolder();
  await writeFile(join(folder, "flows.config.ts"), configText({ code: ODD, flows: ["report"] }));

  const { out } = await call(`check --no-types --diff --config ${folder}`);

  expect(
    out.split("\n").filter((line) => / schedule nightly-report| first at /.test(line)),
  ).toEqual([
    "~ schedule nightly-report/hourly: Every hour, UTC (dst, jitter)",
    "+ schedule nightly-report/dates: At 2027-01-01T00:00:00.000Z",
    "    + first at 2027-01-01T00:00:00Z",
    "+ schedule nightly-report/over: At 2020-01-01T00:00:00.000Z",
  ]);
});

const VIENNA = { cron: "30 2 * * *", timezone: "Europe/Vienna" };

function scheduleOf({
  until,
  ...schedule
}: {
  readonly cron: string;
  readonly until?: string;
}): ScheduleSpec {
  const answer = readTiming(schedule);
  if (!answer.ok) throw new Error(answer.message);
  return aSchedule(answer.timing, until === undefined ? {} : { until: instant(Date.parse(until)) });
}

const EDITS = [
  ["dst", { ...VIENNA, dst: "skip" }, "2026-03-29T01:00:00.000Z disappears"],
  ["until", { ...VIENNA, until: "2026-02-14T00:00:00Z" }, "2026-02-14T01:30:00.000Z disappears"],
  ["cron", { ...VIENNA, cron: "30 2 1 * *" }, "2026-02-02T01:30:00.000Z disappears"],
] as const;

test.each(EDITS)("the first due time that another %s makes is found", (_, edit, first) => {
  // On a day on which both are due.
  const now = instant(Date.UTC(2026, 0, 31, 12));

  const found = firstDifferences(now)(scheduleOf(VIENNA), scheduleOf(edit));

  expect(`${found?.dueAt} ${found?.change}`).toBe(first);
});

test("schedules that are due at the same times have no first difference", () => {
  const [five, names] = ["0 9 * * 1-5", "0 9 * * MON-FRI"].map((cron) =>
    scheduleOf({ ...VIENNA, cron }),
  );

  const find = firstDifferences(instant(Date.UTC(2026, 0, 31)));

  // Thousands of schedules may be edited: what is looked at for all of them is bounded.
  for (let times = 0; times < 100; times += 1) expect(find(five, names)).toBeUndefined();
});

test("check --diff without a daemon compares with nothing, and says so", async () => {
  const folder = await edited();
  const env = { TOCSIN_STORE: join(folder, "state.db") };

  const { code, out, err } = await tocsin(["check", "--no-types", "--diff", "--config", folder], {
    env,
  });

  expect(code).toBe(0);
  expect(err).toContain(
    "No daemon runs here to compare with: all that the config says counts as added",
  );
  expect(out).toContain("+ flow fresh\n");
  expect(out).not.toContain("- ");
});
