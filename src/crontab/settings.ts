import type { CrontabLine } from "./read-crontab.ts";

/** What the variables of a crontab say for the lines that follow. */
export interface SettingsNow {
  readonly shell: string;
  /** What the commands are given; undefined values never. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string | undefined;
  readonly timezone: string | undefined;
  readonly jitter: string | undefined;
}

export interface Settings {
  /** Takes a line's variable, and answers what there is to say at its place. */
  set(line: Extract<CrontabLine, { readonly kind: "variable" }>): SetAnswer;
  now(): SettingsNow;
  /** Something goes by what was set so far. */
  use(): void;
  /** The lines that nothing went by. */
  unused(): readonly string[];
}

export interface SetAnswer {
  /** Lines of a comment. */
  readonly comment?: readonly string[];
  /** What is not as it was. */
  readonly remark?: string;
}

/** crond's own affairs: they are not handed to the commands here. */
const OF_CROND = ["MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING", "CRON_TZ"];
const REFUSED = ["LOGNAME", "USER", "RANDOM_DELAY", "START_HOURS_RANGE"];

/** The variables of a crontab; each holds for the lines after it. */
export function createSettings(): Settings {
  const values = new Map<string, string>();
  let waiting: string[] = [];
  return {
    set({ variable: { name, value }, text }) {
      const answer = answerTo(name, value);
      const isDone = answer.comment !== undefined || (answer.remark !== undefined && name !== "TZ");
      if (!isDone) waiting.push(text);
      values.set(name, value);
      return answer;
    },
    now: () => settingsIn(values),
    use() {
      waiting = [];
    },
    unused: () => waiting,
  };
}

function settingsIn(values: ReadonlyMap<string, string>): SettingsNow {
  const given = [...values].filter(([name]) => ![...OF_CROND, ...REFUSED].includes(name));
  const minutes = values.get("RANDOM_DELAY");
  return {
    shell: values.get("SHELL") || "/bin/sh",
    env: Object.fromEntries(given),
    home: values.get("HOME") || undefined,
    timezone: values.get("CRON_TZ") || undefined,
    jitter: minutes !== undefined && isMinutes(minutes) ? `${Number(minutes)}m` : undefined,
  };
}

function isMinutes(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0;
}

function answerTo(name: string, value: string): SetAnswer {
  switch (name) {
    case "MAILTO":
      return value === "" ? {} : { comment: aboutMail(value) };
    case "CRON_TZ":
      return value === "" ? {} : { remark: aboutZone(value) };
    case "TZ":
      return { remark: "TZ is handed to the commands; schedules go by CRON_TZ" };
    case "LOGNAME":
    case "USER":
      return {
        remark: `${name}=${value} is left out: crond sets it itself, and so does whoever runs the daemon`,
      };
    case "RANDOM_DELAY":
      return isMinutes(value)
        ? { remark: `RANDOM_DELAY=${value} is the jitter of the flows below` }
        : { remark: `RANDOM_DELAY=${value} is left out: expected a number of minutes` };
    case "START_HOURS_RANGE":
      return { remark: `${name}=${value} is left out: it belongs to an anacrontab` };
    default:
      return {};
  }
}

/** Whoever had the line for Debian's crond has had it for nothing, and gets other due times here. */
function aboutZone(value: string): string {
  return `CRON_TZ=${value} is the zone of the flows below, as with cronie; Debian's crond goes by its machine's all the same`;
}

/** crond mails whatever a command writes; here a hook rings at moments that one chooses. */
function aboutMail(value: string): readonly string[] {
  const people = value
    .split(",")
    .map((one) => JSON.stringify(one.trim()))
    .join(", ");
  return [
    `MAILTO=${value}: crond mails what a command writes; here it becomes log lines of the run.`,
    "For a mail about each failure of the flows below, give them (or asCron, for all flows):",
    `  onFailure: [email({ smtp: block("smtp/mail"), from: "tocsin@example.org", to: [${people}] })],`,
    'with: import { block } from "tocsin"; import { email } from "tocsin/hooks/email";',
  ];
}
