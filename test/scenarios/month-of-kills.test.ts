import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowName, ScheduleKey } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { readTiming } from "../../src/schedule/read-timing.ts";
import type { Store } from "../../src/store/open-store.ts";
import { monthConfig, SCHEDULES } from "../fixtures/month/config.ts";
import { chanceOf } from "../support/chance.ts";
import { aSchedule } from "../support/manifests.ts";
import { executedTwice, sideBySide } from "../support/month-findings.ts";
import { temporaryFolder, temporaryStore } from "../support/stores.ts";
import { wrongDues } from "../support/wrong-dues.ts";

const MAIN = join(import.meta.dir, "../fixtures/month/main.ts");
const HOUR = 3_600_000;
/** In New York the clocks are put forward on 14 March 2027, in Vienna on 28 March. */
const BEGIN = instant(Date.UTC(2027, 2, 1, 4, 55));
const END = instant(BEGIN + 31 * 24 * HOUR);
const SLOW = 600_000;

/** What must have happened, and how often at least. */
const LEAST = {
  "run WHERE state_type = 'COMPLETED'": 5_000,
  "run WHERE state_type = 'CRASHED'": 1,
  "run WHERE state_type = 'CANCELLED'": 100,
  "run WHERE backfill IS NOT NULL": 100,
  "decision WHERE kind = 'missed'": 100,
  "decision WHERE kind = 'skipped'": 100,
  "transition WHERE type = 'PAUSED'": 50,
  "transition WHERE name = 'AwaitingRetry'": 100,
  "transition WHERE name = 'AwaitingConcurrencySlot'": 500,
  schedule_pause: 10,
};

const FLOWS = Object.entries(SCHEDULES).map(([name, schedules]) => ({
  name: name as FlowName,
  schedules: schedules.map(({ key, ...schedule }) => {
    const answer = readTiming(schedule);
    if (!answer.ok) throw new Error(answer.message);
    return aSchedule(answer.timing, { key: key as ScheduleKey });
  }),
}));

/** A month in the life of a daemon that is killed again and again: at once there again, or hours later. */
async function liveThroughMonth(folder: string, seed: number): Promise<number> {
  const chance = chanceOf(seed);
  const clock = join(folder, "now");
  writeFileSync(join(folder, "flows.config.ts"), monthConfig(folder));
  writeFileSync(clock, new Float64Array([BEGIN]));
  for (let lives = 0; ; lives += 1) {
    const given = [folder, String(END), String(seed * 1_000 + lives)];
    const child = Bun.spawn([process.execPath, MAIN, ...given], { stdout: "pipe", stderr: "pipe" });
    const said = new Response(child.stderr).text();
    const code = await child.exited;
    if (code === 0) return lives;
    expect([child.signalCode, await said]).toEqual(["SIGKILL", ""]);
    if (chance.oneIn(2))
      writeFileSync(clock, new Float64Array([timeIn(folder) + chance.upTo(9 * HOUR)]));
  }
}

function timeIn(folder: string): Instant {
  const bytes = Uint8Array.from(readFileSync(join(folder, "now")));
  return instant(new Float64Array(bytes.buffer)[0] ?? 0);
}

function countOf({ reader }: Store, what: string): number {
  return reader.all<{ count: number }>(`SELECT count(*) AS count FROM ${what}`)[0]?.count ?? 0;
}

test(
  "a month of the whole daemon, killed at random: every due time has one run or one decision, nobody waits in vain",
  async () => {
    const folder = temporaryFolder();
    const kills = await liveThroughMonth(folder, 1);

    const store = temporaryStore(folder, END);
    const now = timeIn(folder);
    expect(kills).toBeGreaterThan(15);
    expect(wrongDues(store, FLOWS, { from: BEGIN, now })).toEqual([]);
    expect(sideBySide(store, { tags: { db: 1 }, flows: { "two-at-a-time": 2 } })).toEqual([]);
    const lines = readFileSync(join(folder, "executed.txt"), "utf8").trim().split("\n");
    expect(executedTwice(store, lines)).toEqual([]);
    // It was no quiet month.
    for (const [what, least] of Object.entries(LEAST)) {
      expect([what, countOf(store, what) >= least]).toEqual([what, true]);
    }
    await store.close(now);
  },
  SLOW,
);
