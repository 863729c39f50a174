import type { Sink } from "./context.ts";

/** Lines at the lower end of a terminal that are drawn again in place, with what is written going above them. */
export interface LiveArea {
  /** In place of the terminal: what is written here stands above the area from its next drawing on. */
  readonly sink: Sink;
  draw(lines: readonly string[]): void;
  /** Leaves the last lines where they are, and the cursor as it was. May be called twice. */
  end(): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";

export function createLiveArea(terminal: Sink): LiveArea {
  let lines: readonly string[] = [];
  let above = "";
  const draw = (next: readonly string[]) => {
    if (above === "" && same(lines, next)) return;
    if (lines.length === 0) process.on("exit", end);
    terminal.write(`${HIDE_CURSOR}${upFrom(lines)}${above}${next.map((it) => `${it}\n`).join("")}`);
    lines = next;
    above = "";
  };
  // Also at the exit of the process, or the cursor of an interrupted command would stay away.
  const end = () => {
    if (lines.length === 0) return;
    process.off("exit", end);
    draw(lines);
    terminal.write(SHOW_CURSOR);
    lines = [];
  };
  const write = (text: string) => {
    if (lines.length === 0) terminal.write(text);
    else above += text.endsWith("\n") ? text : `${text}\n`;
  };
  const sink: Sink = {
    isTTY: terminal.isTTY,
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    write,
  };
  return { sink, draw, end };
}

function upFrom({ length }: readonly string[]): string {
  return length === 0 ? "" : `\r\u001b[${length}A${CLEAR_BELOW}`;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
