import { expect, test } from "bun:test";
import type { Timing } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import { loadInWords } from "../../src/schedule/in-words.ts";

const WORDS: readonly [timing: Timing, words: string][] = [
  [cron("30 2 * * MON-FRI"), "At 02:30, Monday through Friday, UTC"],
  [cron("0 9 * * MON#2"), "At 09:00, on the second Monday of the month, UTC"],
  [cron("@daily"), "At 00:00, UTC"],
  [cron("*/10 * * * * *"), "Every 10 seconds, UTC"],
  [cron("@Daily"), "At 00:00, UTC"],
  [cron("0\t2 ? * *"), "At 02:00, UTC"],
  // Two fields for the day: either will do, unless a + says that it has to be both.
  [cron("0 9 1 * MON"), "At 09:00, on day 1 of the month, or on Monday, UTC"],
  [cron("0 9 1 * +MON"), "At 09:00, on day 1 of the month, but only on Monday, UTC"],
  [
    cron("0 9 1,15 6 MON-FRI"),
    "At 09:00, on day 1 and 15 of the month, or Monday through Friday, only in June, UTC",
  ],
  [
    cron("*/10 * LW * FRI#2"),
    "Every 10 minutes, on the last weekday of the month, or on the second Friday of the month, UTC",
  ],
  [cron("0 9 * * +MON"), "At 09:00, only on Monday, UTC"],
  // What has no words stands for itself.
  [cron("0 9 * * 1-5#2"), "0 9 * * 1-5#2, UTC"],
  [cron("0 9 15W,1W * *"), "0 9 15W,1W * *, UTC"],
  [{ kind: "every", everyMs: 5_400_000, anchor: instant(0) }, "Every 1h 30m"],
  [{ kind: "at", at: [instant(0)] }, "At 1970-01-01T00:00:00.000Z"],
  [{ kind: "at", at: [instant(0), instant(1_000)] }, "At 2 instants"],
  [{ kind: "start" }, "When the daemon starts"],
];

test.each(WORDS)("%j is said in words", async (timing, words) => {
  const inWords = await loadInWords();

  expect(inWords(timing)).toBe(words);
});

function cron(expression: string): Timing {
  return { kind: "cron", cron: expression, timezone: "UTC", dst: "once" };
}
