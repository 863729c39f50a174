import { styleText } from "node:util";
import type { Context, Sink } from "./context.ts";
import type { Globals } from "./globals.ts";
import { renderTable, type Table } from "./table.ts";
import { printable, printableLines, relativeTime } from "./text.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "magenta";

/** How a command speaks: data on standard output, everything else on standard error. */
export interface Printer {
  readonly format: "text" | "json" | "jsonl";
  /** A line of data. */
  line(text: string): void;
  /** A document: as JSON when that was asked for, as text otherwise. */
  document(value: unknown, text: () => void): void;
  /** A list: as JSON, as one JSON document an item, or as a table. */
  list(page: Page, table: () => Table): void;
  /** A line for people; nothing with --quiet. */
  note(text: string): void;
  /** The likely next command; only for a person at a terminal. */
  next(command: string): void;
  /** What went wrong; always. */
  failure(text: string): void;
  time(iso: string | undefined): string;
  /** The time of something that happened, as lines of it begin: exact, unless relative times were asked for. */
  stamp(iso: string): string;
  /** Neutralises a text of a user's for a terminal. */
  safe(text: string): string;
  safeLines(text: string): string;
  state(name: string, type: string): string;
  paint(style: Style, text: string): string;
}

export interface Page {
  readonly items: readonly unknown[];
  readonly next?: string;
}

const STATE_STYLE: Readonly<Record<string, Style>> = {
  COMPLETED: "green",
  FAILED: "red",
  CRASHED: "magenta",
  RUNNING: "cyan",
  CANCELLING: "yellow",
  CANCELLED: "yellow",
  PAUSED: "yellow",
};

export function createPrinter(context: Context, globals: Globals): Printer {
  const { stdout, stderr } = context;
  const format = globals.jsonl ? "jsonl" : globals.json ? "json" : "text";
  const paintOut = painterFor(context, globals, stdout);
  const paintErr = painterFor(context, globals, stderr);
  const line = (text: string) => stdout.write(`${text}\n`);
  const relative = (globals.timeFormat ?? (stdout.isTTY ? "relative" : "iso")) === "relative";

  return {
    format,
    line,
    document: (value, text) => (format === "text" ? text() : line(json(value, format))),
    list(page, table) {
      if (format === "json") return line(json(page, format));
      if (format === "jsonl") return page.items.forEach((item) => void line(json(item, format)));
      const style = {
        aligned: stdout.isTTY,
        paintHead: (text: string) => paintOut("dim", text),
        paintCell: (text: string, column: string) =>
          column === "STATE" ? paintOut(styleOfName(text), text) : text,
      };
      stdout.write(renderTable(table(), style));
    },
    note: (text) => void (globals.quiet || stderr.write(`${text}\n`)),
    next(command) {
      if (!globals.quiet && stderr.isTTY) stderr.write(`${paintErr("dim", `next: ${command}`)}\n`);
    },
    failure: (text) => stderr.write(`${paintErr("red", "error:")} ${printableLines(text)}\n`),
    time: (iso) => (iso === undefined ? "" : relative ? relativeTime(iso, context.now()) : iso),
    stamp: (iso) => (globals.timeFormat === "relative" ? relativeTime(iso, context.now()) : iso),
    safe: (text) => (stdout.isTTY || stderr.isTTY ? printable(text) : text),
    safeLines: (text) => (stdout.isTTY || stderr.isTTY ? printableLines(text) : text),
    state: (name, type) => paintOut(STATE_STYLE[type] ?? "dim", name),
    paint: paintOut,
  };
}

/** Paints texts that go to this output, if they are to be painted. */
export function painterFor(
  context: Context,
  globals: Globals,
  { isTTY }: Sink,
): (style: Style, text: string) => string {
  return painter(hasColor(context, globals, isTTY));
}

function styleOfName(name: string): Style {
  const types: Readonly<Record<string, string>> = {
    TimedOut: "FAILED",
    Cached: "COMPLETED",
    Retrying: "RUNNING",
    Rerunning: "RUNNING",
  };
  return STATE_STYLE[types[name.trim()] ?? name.trim().toUpperCase()] ?? "dim";
}

function json(value: unknown, format: "json" | "jsonl"): string {
  return JSON.stringify(value, undefined, format === "json" ? 2 : undefined);
}

function painter(color: boolean): (style: Style, text: string) => string {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}

/** A flag wins over the environment; NO_COLOR counts when it is not empty (no-color.org). */
function hasColor({ env }: Context, { color }: Globals, isTTY: boolean): boolean {
  if (color !== "auto") return color === "always";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  if ((env["FORCE_COLOR"] ?? "0") !== "0") return true;
  return isTTY && env["TERM"] !== "dumb";
}
