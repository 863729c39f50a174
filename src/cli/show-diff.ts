import type { InWords } from "../schedule/in-words.ts";
import { type Change, type ConfigDiff, isSame, type ScheduleChange } from "./config-diff.ts";
import type { Printer } from "./printer.ts";

const SIGNS: Readonly<Record<Change, string>> = { added: "+", removed: "-", changed: "~" };
const DUES_SHOWN = 5;

/** What an edited config changes, a line each. */
export function printDiff(printer: Printer, diff: ConfigDiff, inWords: InWords): void {
  const line = (change: Change, text: string) => {
    const style = ({ added: "green", removed: "red", changed: "yellow" } as const)[change];
    printer.line(`${printer.paint(style, SIGNS[change])} ${printer.safe(text)}`);
  };
  for (const { name, change, options } of diff.flows)
    line(change, `flow ${name}${listed(options)}`);
  for (const schedule of diff.schedules) {
    line(
      schedule.change,
      `schedule ${schedule.flow}/${schedule.schedule}${told(schedule, inWords)}`,
    );
    printDues(printer, schedule);
  }
  for (const { name, change, options } of diff.hooks)
    line(change, `hook ${name}${listed(options)}`);
  for (const { tag, change, before, after } of diff.limits) {
    line(change, `limit ${tag}: ${[before, after].filter((one) => one !== undefined).join(" → ")}`);
  }
  if (isSame(diff)) printer.line("It changes nothing that tocsin can tell; code is not compared");
}

function listed(options: readonly string[] | undefined): string {
  return options === undefined ? "" : `: ${options.join(", ")}`;
}

function told(
  { before, after, options = [], timing = [] }: ScheduleChange,
  inWords: InWords,
): string {
  const words = [before, after].flatMap((one) => (one === undefined ? [] : inWords(one)));
  const rule = new Set(words).size === 1 ? words.slice(0, 1) : words;
  // What the words do not tell apart is named.
  const unsaid = rule.length === 1 ? timing : timing.filter((field) => field === "dst");
  const others = [...unsaid, ...options.filter((option) => option !== "timing")];
  return `: ${rule.join(" → ")}${others.length === 0 ? "" : ` (${others.join(", ")})`}`;
}

function printDues(printer: Printer, { appearing, disappearing, first }: ScheduleChange): void {
  if (first !== undefined) {
    const sign = first.change === "appears" ? "+" : "-";
    printer.line(`    ${sign} first at ${first.dueAt.replace(/\.000Z$/, "Z")}`);
  }
  const lines = [
    ["+", appearing],
    ["-", disappearing],
  ] as const;
  for (const [sign, dues] of lines) {
    if (dues.length === 0) continue;
    const more = dues.length - DUES_SHOWN;
    const rest = more > 0 ? ` and ${more} more` : "";
    const shown = dues.slice(0, DUES_SHOWN).map((due) => due.replace(/\.000Z$/, "Z"));
    printer.line(`    ${sign} within 24 h: ${shown.join(", ")}${rest}`);
  }
}
