import { durationInWords } from "../domain/duration.ts";
import type { Timing } from "../domain/flow.ts";
import { isoOf } from "../domain/instant.ts";

/** Says when a schedule is due, for people. */
export type InWords = (timing: Timing) => string;

/** What says schedules in words: it is loaded when it is asked for first. */
export async function loadInWords(): Promise<InWords> {
  const { toString: describe } = await import("cronstrue");
  return (timing) => inWords(timing, (cron) => remembered(cron, () => describe(cron, OPTIONS)));
}

const OPTIONS = { use24HourTimeFormat: true };

/** Lists of flows are asked for again and again, and an expression takes 15 µs to put in words. */
const KEPT_MAX = 10_000;
const kept = new Map<string, string>();

function remembered(cron: string, describe: () => string): string {
  const known = kept.get(cron);
  if (known !== undefined) return known;
  if (kept.size >= KEPT_MAX) kept.clear();
  const words = cronInWords(cron, describe);
  kept.set(cron, words);
  return words;
}

function inWords(timing: Timing, describe: (cron: string) => string): string {
  switch (timing.kind) {
    case "cron":
      return `${describe(timing.cron)}, ${timing.timezone}`;
    case "every":
      return `Every ${durationInWords(timing.everyMs)}`;
    case "at":
      return timing.at.length === 1 && timing.at[0] !== undefined
        ? `At ${isoOf(timing.at[0])}`
        : `At ${timing.at.length} instants`;
    case "start":
      return "When the daemon starts";
  }
}

/** An expression that has no words, such as `0 0 29 2 +MON`, stands for itself. */
function cronInWords(cron: string, describe: () => string): string {
  try {
    return describe();
  } catch {
    return cron;
  }
}
