import { readTiming } from "../schedule/read-timing.ts";
import type { Entry } from "./entry.ts";
import { createNaming, type Names } from "./names.ts";
import { type CrontabLine, isOldLineOrLegend, readCrontab } from "./read-crontab.ts";
import { createSettings, type Settings, type SettingsNow } from "./settings.ts";

/** What a crontab does not say itself. */
export interface ImportOptions {
  /** Whether lines name a user after the fields, as those of /etc/crontab and /etc/cron.d do. */
  readonly isSystem: boolean;
  /** The zone of the machine that the crontab is of. */
  readonly timezone: string;
  /** The home folder of the crontab's owner, in which crond begins every command. */
  readonly home: string;
}

/** Something about a line that whoever imports it has to know. */
export interface Finding {
  readonly line: number;
  /** The line as it stands there. */
  readonly text: string;
  readonly message: string;
}

/** A line of the crontab as a flow. */
export interface ImportedFlow {
  readonly line: number;
  readonly names: Names;
  readonly description?: string;
  /** Undefined: when the daemon starts. */
  readonly cron: string | undefined;
  /** Undefined: the zone of the machine. */
  readonly timezone: string | undefined;
  readonly jitter?: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: the home folder of the crontab's owner. */
  readonly cwd: string | undefined;
  readonly stdin?: string;
  /** The line itself, where it could not be carried over as it is. */
  readonly original?: string;
  readonly remarks: readonly string[];
}

/** One thing after another, as the crontab has them. */
export type Passage =
  | { readonly kind: "comment"; readonly lines: readonly string[] }
  | { readonly kind: "flow"; readonly flow: ImportedFlow };

export interface CrontabImport {
  readonly passages: readonly Passage[];
  readonly flows: readonly ImportedFlow[];
  /** Lines that became no flow. */
  readonly refused: readonly Finding[];
  /** What is not quite as it was. */
  readonly remarks: readonly Finding[];
}

interface Progress {
  readonly passages: Passage[];
  readonly refused: Finding[];
  readonly remarks: Finding[];
  readonly settings: Settings;
  readonly nameOf: (command: string) => Names;
  /** The comments right above the line that is read. */
  readonly above: string[];
}

/** Makes flows of a crontab's lines. Every line ends up as a flow, a setting of flows, or a comment. */
export function importCrontab(text: string, options: ImportOptions): CrontabImport {
  const progress: Progress = {
    passages: [],
    refused: [],
    remarks: [],
    settings: createSettings(),
    nameOf: createNaming().flow,
    above: [],
  };
  for (const line of readCrontab(text, options)) take(line, options, progress);
  keepAbove(progress);
  const unused = progress.settings.unused();
  if (unused.length > 0) addComment(progress, ["No line follows that these hold for:", ...unused]);
  const { passages, refused, remarks } = progress;
  const flows = passages.flatMap((one) => (one.kind === "flow" ? [one.flow] : []));
  return { passages, flows, refused, remarks };
}

function take(line: CrontabLine, options: ImportOptions, progress: Progress): void {
  switch (line.kind) {
    case "blank":
      keepAbove(progress);
      break;
    case "comment":
      progress.above.push(line.comment);
      break;
    case "variable":
      takeVariable(line, progress);
      break;
    case "entry":
      takeEntry(line, options, progress);
      break;
    case "unreadable":
      refuse(line, line.reason, progress);
      break;
  }
}

type VariableLine = Extract<CrontabLine, { readonly kind: "variable" }>;

function takeVariable(line: VariableLine, progress: Progress): void {
  keepAbove(progress);
  const { comment, remark } = progress.settings.set(line);
  if (comment !== undefined) addComment(progress, comment);
  if (remark === undefined) return;
  addComment(progress, [`Line ${line.line}: ${remark}`]);
  progress.remarks.push(finding(line, remark));
}

type Placed = Pick<CrontabLine, "line" | "text">;

function takeEntry(
  { entry, ...placed }: Placed & { readonly entry: Entry },
  options: ImportOptions,
  progress: Progress,
): void {
  const settings = progress.settings.now();
  const cron = entry.when === "reboot" ? undefined : entry.when;
  const fault = faultOf(cron, settings.timezone ?? options.timezone);
  if (fault !== undefined) {
    refuse(placed, fault, progress);
    return;
  }
  const description = descriptionFrom(progress.above);
  keepAbove(progress);
  progress.settings.use();
  const names = progress.nameOf(entry.command);
  const flow: ImportedFlow = {
    line: placed.line,
    names,
    ...(description === undefined ? {} : { description }),
    cron,
    timezone: settings.timezone,
    ...(settings.jitter === undefined ? {} : { jitter: settings.jitter }),
    ...performed(entry, settings),
    ...(entry.stdin === undefined ? {} : { stdin: entry.stdin }),
    ...(isForOther(entry) ? { original: placed.text } : {}),
    remarks: remarksOn(entry),
  };
  progress.passages.push({ kind: "flow", flow });
  progress.remarks.push(...flow.remarks.map((message) => finding(placed, message)));
}

/** Why our daemon would not take the schedule; crond may, and never start anything. */
function faultOf(cron: string | undefined, timezone: string): string | undefined {
  const answer = readTiming({ cron: cron ?? "@daily", timezone });
  return answer.ok ? undefined : answer.message;
}

/** Where util-linux and busybox have it. The daemon's PATH is not asked: the crontab may have its own. */
const RUNUSER = "/sbin/runuser";

function isForOther({ user = "root" }: Entry): boolean {
  return user !== "root";
}

function performed(
  entry: Entry,
  { shell, env, home }: SettingsNow,
): Pick<ImportedFlow, "argv" | "env" | "cwd"> {
  const argv = [shell, "-c", entry.command];
  if (!isForOther(entry)) return { argv, env, cwd: home };
  // runuser sets HOME itself.
  const own = home === undefined ? [] : ["env", `HOME=${home}`];
  const asUser = [RUNUSER, "-u", entry.user ?? "", "--", ...own, ...argv];
  return { argv: asUser, env, cwd: home ?? "/" };
}

function remarksOn(entry: Entry): readonly string[] {
  if (!isForOther(entry)) return entry.remarks;
  const how = `is for user ${entry.user}: it is started with runuser, for which the daemon has to be root`;
  return [...entry.remarks, how];
}

const DESCRIPTION_MAX = 200;

/** Takes from the comments those that say what the line below is for: the last paragraph. */
function descriptionFrom(above: string[]): string | undefined {
  const end = above.findLastIndex(hasWords) + 1;
  const begin = above.findLastIndex((line, index) => index < end && isNoDescription(line)) + 1;
  const text = above
    .slice(begin, end)
    .map((line) => line.trim())
    .join(" ");
  if (text === "" || text.length > DESCRIPTION_MAX) return undefined;
  above.splice(begin);
  return text;
}

function isNoDescription(line: string): boolean {
  return !hasWords(line) || isOldLineOrLegend(line);
}

function hasWords(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}

function keepAbove(progress: Progress): void {
  const lines = progress.above.splice(0);
  const isText = (line: string) => line.trim() !== "";
  const first = lines.findIndex(isText);
  addComment(progress, first < 0 ? [] : lines.slice(first, lines.findLastIndex(isText) + 1));
}

function refuse(placed: Placed, reason: string, progress: Progress): void {
  keepAbove(progress);
  addComment(progress, [`Not carried over, line ${placed.line}: ${reason}`, `  ${placed.text}`]);
  progress.refused.push(finding(placed, reason));
}

function addComment({ passages }: Progress, lines: readonly string[]): void {
  if (lines.length > 0) passages.push({ kind: "comment", lines });
}

function finding({ line, text }: Placed, message: string): Finding {
  return { line, text, message };
}
