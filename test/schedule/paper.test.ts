import { expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { instant } from "../../src/domain/instant.ts";
import { readTiming } from "../../src/schedule/read-timing.ts";
import { upcoming } from "../../src/schedule/upcoming.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { temporaryFolder } from "../support/stores.ts";

const PAPER = await readFile("docs/schedules.md", "utf8");
const ROW =
  /^\| `(?<cron>[^`]+)` +\| (?:`"(?<dst>\w+)"`|any) +\| (?<spring>.*?) +\| (?<autumn>.*?) +\|$/;

const rows = PAPER.split("\n").flatMap((line) => {
  const { cron, dst = "once", spring, autumn } = ROW.exec(line)?.groups ?? {};
  return cron === undefined ? [] : [{ cron, dst, spring, autumn }];
});

test("the example of docs/schedules.md is a config that is accepted", async () => {
  const path = join(temporaryFolder(), "flows.config.ts");
  await writeFile(path, /```ts\n([\s\S]*?)```/.exec(PAPER)?.[1] ?? "");

  const answer = await readConfig(path);

  expect(answer).toMatchObject({ type: "accepted" });
});

test("docs/schedules.md tells of five schedules through two clock changes", () => {
  expect(rows).toHaveLength(5);
});

for (const { cron, dst, spring, autumn } of rows) {
  test(`${cron} under dst ${dst} is due in Vienna as docs/schedules.md says`, () => {
    // 01:00Z is when the clock changes: an hour before and an hour after it.
    const found = [onDay({ cron, dst }, "2027-03-28"), onDay({ cron, dst }, "2027-10-31")];

    expect(found).toEqual([timesIn(spring ?? ""), timesIn(autumn ?? "")]);
  });
}

/** `02:30 repeated`, from the hour before the change to the hour after it. */
function onDay({ cron, dst }: { cron: string; dst: string }, day: string): readonly string[] {
  const answer = readTiming({ cron, dst, timezone: "Europe/Vienna" });
  if (!answer.ok) throw new Error(answer.message);
  const change = Date.parse(`${day}T01:00Z`);
  const isSpring = day.includes("-03-");
  const range = {
    after: instant(change - 3_600_000 - 1),
    until: instant(isSpring ? change : change + 1_800_000),
    max: 10,
  };
  return upcoming(answer.timing, range).map(({ dueAt, mark }) => {
    const local = Temporal.Instant.fromEpochMilliseconds(dueAt).toZonedDateTimeISO("Europe/Vienna");
    const time = local.toPlainTime().toString().slice(0, 5);
    return mark === undefined ? time : `${time} ${mark.dst}`;
  });
}

/** `03:00 `moved``, `02:00 and 02:30 the first time`, `02:30 both times, the second `repeated``, `not`. */
function timesIn(cell: string): readonly string[] {
  const times = cell.match(/\d\d:\d\d/g) ?? [];
  const [, mark] = /`(\w+)`/.exec(cell) ?? [];
  if (cell.includes("both times")) return [...times, ...times.map((time) => `${time} ${mark}`)];
  return mark === undefined ? times : times.map((time) => `${time} ${mark}`);
}
