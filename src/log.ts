import { styleText } from "node:util";
import type { LogLevel } from "./domain/executor.ts";

/** Where the daemon says what it does. Fields are data about the message, never secrets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogSettings {
  /** `json` for machines, one object a line; `pretty` for a person at a terminal. */
  readonly format: "pretty" | "json";
  /** Lines below this level are dropped. */
  readonly level: LogLevel;
  /** Takes one line with its line feed. */
  readonly write: (line: string) => void;
  readonly color?: boolean;
  readonly now?: () => Date;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const COLOR = { debug: "gray", info: "cyan", warn: "yellow", error: "red" } as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** A log that writes lines of one format. */
export function createLog(settings: LogSettings): Log {
  const render = settings.format === "json" ? jsonLine : prettyLine;
  const now = settings.now ?? (() => new Date());
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (RANK[level] < RANK[settings.level]) return;
      settings.write(
        `${render({ level, message, fields, now: now() }, settings.color === true)}\n`,
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  readonly now: Date;
}

function jsonLine({ level, message, fields, now }: Line): string {
  const head = { time: now.toISOString(), level, message };
  // First for whoever reads, last so that no field takes their place.
  return textOf({ ...head, ...fields, ...head });
}

function prettyLine({ level, message, fields, now }: Line, color: boolean): string {
  const paint = (style: "gray" | (typeof COLOR)[LogLevel], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const time = now.toTimeString().slice(0, 8);
  const details = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => paint("gray", `${key}=${visible(plain(value))}`));
  const label = paint(COLOR[level], level.padEnd(5));
  return [`${paint("gray", time)} ${label} ${visible(message)}`, ...details].join("  ");
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : textOf(value);
}

/** JSON that never throws: a log line must not be what brings the daemon down. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value, jsonable) ?? String(value);
  } catch {
    return JSON.stringify({ unprintable: Object.prototype.toString.call(value) });
  }
}

function jsonable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}

function visible(text: string): string {
  return text.replace(CONTROL, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
