import { durationInWords } from "../domain/duration.ts";
import type { Timing } from "../domain/flow.ts";
import { isoOf } from "../domain/instant.ts";

/** Says when a schedule is due, for people. */
export type InWords = (timing: Timing) => string;

/** What says schedules in words: it is loaded when it is asked for first. */
export async function loadInWords(): Promise<InWords> {
  const { toString: describe } = await import("cronstrue");
  return (timing) => inWords(timing, (cron) => remembered(cron, (text) => describe(text, OPTIONS)));
}

const OPTIONS = { use24HourTimeFormat: true };

/** Lists of flows are asked for again and again, and an expression takes 15 µs to put in words. */
const KEPT_MAX = 10_000;
const kept = new Map<string, string>();

function remembered(cron: string, describe: Describe): string {
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

type Describe = (cron: string) => string;

/** An expression that has no words stands for itself. */
function cronInWords(cron: string, describe: Describe): string {
  const text = cron.replaceAll("?", "*").trim().split(/\s+/).join(" ");
  const plain = text.startsWith("@") ? text.toLowerCase() : text.toUpperCase();
  if (MARKED_RANGE.test(plain)) return cron;
  try {
    return bothDaysInWords(plain, describe) ?? describe(plain.replace("+", ""));
  } catch {
    return cron;
  }
}

/** `1-5#2` or `1-3L` as weekday: what describes expressions leaves out that all of them are meant. */
const MARKED_RANGE = /[-/*][^\s,]*(?:#.|L)(?:,\S*)?$/;

const BOTH_DAYS = /^(?<time>.+) (?<day>\S+) (?<month>\S+) (?<also>\+?)(?<weekday>\S+)$/;

/**
 * Two fields that both restrict the day: `0 9 1,15 * MON-FRI` is due on either, `0 9 1 * +MON` on what is
 * both. What describes expressions does not tell the one from the other.
 */
function bothDaysInWords(cron: string, describe: Describe): string | undefined {
  const {
    time = "",
    day = "*",
    month = "*",
    also,
    weekday = "*",
  } = BOTH_DAYS.exec(cron)?.groups ?? {};
  if (day === "*" || weekday === "*") return undefined;
  const start = describe(`${time} * * *`);
  const partOf = (days: string) => describe(`${time} ${days}`).slice(start.length);
  const weekdays = partOf(`* * ${weekday}`).replace(/^, (?:only )?/, "");
  const joint = also === "+" ? ", but only " : ", or ";
  return `${start}${partOf(`${day} * *`)}${joint}${weekdays}${partOf(`* ${month} *`)}`;
}
