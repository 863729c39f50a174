import { readCommandText } from "./command-text.ts";
import { readFields } from "./fields.ts";

/** A line that says when to start what. */
export interface Entry {
  /** A pattern for local times, or the start of the daemon. */
  readonly when: string | "reboot";
  /** Whom the command runs as; only in system crontabs. */
  readonly user?: string;
  readonly command: string;
  readonly stdin?: string;
  /** What is not quite as it was. */
  readonly remarks: readonly string[];
}

export type EntryAnswer =
  | { readonly ok: true; readonly entry: Entry }
  | { readonly ok: false; readonly reason: string };

const BY_NAME = /^@(?<name>\S*)[ \t]*(?<rest>.*)$/s;
const BY_FIELDS = /^(?<fields>(?:\S+[ \t]+){4}\S+)(?:[ \t]+(?<rest>.*))?$/s;
const NAMES = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
const QUIET = "crond does not log that it starts it; tocsin records every run";

const AT_BOOT =
  "crond starts it once when the machine boots, tocsin each time that the daemon starts";

/** Reads a line that is neither a comment nor a variable. */
export function readEntry(line: string, isSystem: boolean): EntryAnswer {
  if (isAnacron(line)) return refused(ANACRON);
  const isQuiet = /^-[^\s-]/.test(line);
  const text = isQuiet ? line.slice(1) : line;
  const answer = text.startsWith("@") ? readNamed(text) : readTimed(text);
  if (!answer.ok) return answer;
  const remarks = isQuiet ? [QUIET, ...answer.remarks] : answer.remarks;
  return readRest({ when: answer.when, remarks }, answer.rest, isSystem);
}

type WhenAnswer =
  | {
      readonly ok: true;
      readonly when: string;
      readonly rest: string;
      readonly remarks: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

function readNamed(line: string): WhenAnswer {
  const { name = "", rest = "" } = BY_NAME.exec(line)?.groups ?? {};
  if (name === "reboot") return { ok: true, when: "reboot", rest, remarks: [AT_BOOT] };
  if (NAMES.includes(name)) return { ok: true, when: `@${name}`, rest, remarks: [] };
  const known = ["reboot", ...NAMES].map((one) => `@${one}`).join(", ");
  return refused(`Cannot read "@${name}": expected one of ${known}`);
}

function readTimed(line: string): WhenAnswer {
  const { fields, rest = "" } = BY_FIELDS.exec(line)?.groups ?? {};
  if (fields === undefined) {
    const expected = "expected five fields and a command, or NAME=VALUE";
    return refused(`Cannot read "${line.trim()}": ${expected}`);
  }
  const answer = readFields(fields.split(/[ \t]+/));
  if (!answer.ok) return answer;
  return { ok: true, when: answer.cron, rest, remarks: answer.remarks };
}

const USER = /^(?<user>\S+)[ \t]+(?<command>.+)$/s;
const USER_NAME = /^[\p{L}_][\p{L}\p{N}_.-]*\$?$/u;

function readRest(
  { when, remarks }: Pick<Entry, "when" | "remarks">,
  rest: string,
  isSystem: boolean,
): EntryAnswer {
  const groups = isSystem ? USER.exec(rest)?.groups : { command: rest };
  const { user, command: text = "" } = groups ?? {};
  if (text.trim() === "" || text.startsWith("*")) {
    const expected = isSystem ? "a user and a command" : "a command";
    return refused(
      `Cannot read what to start "${rest.trim()}": expected ${expected} after the fields`,
    );
  }
  if (user !== undefined && !USER_NAME.test(user)) {
    const why = "it is no user name; without --system the line is read as one of a user's crontab";
    return refused(`Cannot read user "${user}": ${why}`);
  }
  const about = user === undefined ? {} : { user };
  return { ok: true, entry: { when, remarks, ...about, ...readCommandText(text) } };
}

/** Period in days, delay in minutes, a name, a command. */
const ANACRONTAB = /^(?:\d+|@(?:daily|weekly|monthly|yearly))[ \t]+\d+[ \t]+(?<name>\S+)[ \t]+\S/;
const ANACRON =
  'Cannot read a line of an anacrontab (period, delay, name, command) as one of a crontab: write it as "@daily COMMAND", @weekly or @monthly, and give the flow missed: { policy: "latest" }, which does what anacron is for';

function isAnacron(line: string): boolean {
  const name = ANACRONTAB.exec(line)?.groups?.["name"];
  return name !== undefined && (line.startsWith("@") || /^[A-Za-z_][\w.]*$/.test(name));
}

function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
