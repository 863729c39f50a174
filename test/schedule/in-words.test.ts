import { expect, test } from "bun:test";
import type { Timing } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import { loadInWords } from "../../src/schedule/in-words.ts";

const WORDS: readonly [timing: Timing, words: string][] = [
  [cron("30 2 * * MON-FRI"), "At 02:30, Monday through Friday, UTC"],
  [cron("0 9 * * MON#2"), "At 09:00, on the second Monday of the month, UTC"],
  [cron("@daily"), "At 00:00, UTC"],
  [cron("*/10 * * * * *"), "Every 10 seconds, UTC"],
  // What has no words stands for itself.
  [cron("0 9 1 * +MON"), "0 9 1 * +MON, UTC"],
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
