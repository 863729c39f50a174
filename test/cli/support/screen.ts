/** What a terminal of endless width shows: enough of one to see what is left on it. */
export interface Screen {
  readonly lines: readonly string[];
  readonly cursor: "shown" | "hidden";
}

interface Drawn {
  readonly lines: string[];
  row: number;
  column: number;
  cursor: Screen["cursor"];
}

const ESC = "\u001b";
const TOKENS = new RegExp(
  `${ESC}\\[\\??(?<count>\\d*)(?<command>[A-Za-z])|(?<step>[\\r\\n])|(?<text>[^${ESC}\\r\\n]+)`,
  "g",
);

/** What these bytes leave on the screen. */
export function screenOf(written: string): Screen {
  const drawn: Drawn = { lines: [""], row: 0, column: 0, cursor: "shown" };
  for (const { groups } of written.matchAll(TOKENS)) {
    const { count = "", command, step, text } = groups ?? {};
    if (text !== undefined) put(drawn, text);
    else if (step !== undefined) move(drawn, step);
    else if (command !== undefined) obey(drawn, command, Number(count));
  }
  const { lines, cursor } = drawn;
  return { lines: lines.at(-1) === "" ? lines.slice(0, -1) : lines, cursor };
}

function put(drawn: Drawn, text: string): void {
  const line = (drawn.lines[drawn.row] ?? "").padEnd(drawn.column);
  const end = drawn.column + text.length;
  drawn.lines[drawn.row] = line.slice(0, drawn.column) + text + line.slice(end);
  drawn.column = end;
}

function move(drawn: Drawn, step: string): void {
  drawn.column = 0;
  if (step === "\r") return;
  drawn.row += 1;
  drawn.lines[drawn.row] ??= "";
}

function obey(drawn: Drawn, command: string, count: number): void {
  const { lines, row, column } = drawn;
  if (command === "A") drawn.row = Math.max(0, row - count);
  if (command === "J") lines.splice(row, lines.length, (lines[row] ?? "").slice(0, column));
  if (command === "h") drawn.cursor = "shown";
  if (command === "l") drawn.cursor = "hidden";
}
