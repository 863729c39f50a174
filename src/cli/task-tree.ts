import type { Family } from "./family.ts";
import type { Style } from "./printer.ts";
import type { Standing } from "./task-groups.ts";
import { cutTo, printable, widthOf } from "./text.ts";
import { familyRow, type Row } from "./tree-rows.ts";

/** What the lines must fit, in columns and lines, and how they may look. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly now: Date;
  readonly unicode: boolean;
  readonly paint: (style: Style, text: string) => string;
}

interface Signs {
  readonly marks: Readonly<Record<Standing, string>>;
  readonly branch: string;
  readonly lastBranch: string;
  /** Before what belongs below a branch, and below the last one. */
  readonly beside: string;
  readonly lastBeside: string;
  readonly more: string;
}

const UNICODE: Signs = {
  marks: { waiting: "○", running: "●", done: "✓", failed: "✗", cancelled: "–" },
  branch: "├─ ",
  lastBranch: "└─ ",
  beside: "│  ",
  lastBeside: "   ",
  more: "…",
};
const ASCII: Signs = {
  marks: { waiting: ".", running: "*", done: "+", failed: "x", cancelled: "-" },
  branch: "|- ",
  lastBranch: "`- ",
  beside: "|  ",
  lastBeside: "   ",
  more: "...",
};
const STYLES: Readonly<Record<Standing, Style>> = {
  waiting: "dim",
  running: "cyan",
  done: "green",
  failed: "red",
  cancelled: "yellow",
};

/**
 * The run with its tasks and child runs below it, and theirs below them: one line for all calls of a task.
 * No line is wider than the canvas.
 */
export function taskTree(family: Family, canvas: Canvas): readonly string[] {
  const look = { canvas, signs: canvas.unicode ? UNICODE : ASCII };
  const root = familyRow(family, canvas.now);
  const below = fitting(root.below, Math.max(0, canvas.height - 1), look.signs);
  const lines = [lineOf("", root, look), ...linesOf(below, "", look)];
  return lines.slice(0, Math.max(1, canvas.height));
}

/** As many rows as fit, with one line left to say how many do not; what has ended goes first, oldest first. */
function fitting(rows: readonly Row[], lines: number, { more }: Signs): readonly Row[] {
  const all = rows.flatMap((row) => withLineage(row, []));
  if (all.length <= lines) return rows;
  const rank: Readonly<Record<Standing, number>> = {
    running: 0,
    failed: 1,
    cancelled: 2,
    done: 2,
    waiting: 3,
  };
  const kept = new Set<Row>();
  const best = all.toReversed().toSorted((one, other) => rank[one.standing] - rank[other.standing]);
  for (const { lineage } of best) {
    // A row stands only below those it belongs to.
    const missing = lineage.filter((row) => !kept.has(row));
    if (kept.size + missing.length < lines) for (const row of missing) kept.add(row);
  }
  const text = `${more} and ${all.length - kept.size} more`;
  return [...pruned(rows, kept), { text, aside: "", below: [] }];
}

interface Placed {
  readonly standing: Standing;
  /** From the uppermost row down to this one. */
  readonly lineage: readonly Row[];
}

function withLineage(row: Row, above: readonly Row[]): readonly Placed[] {
  const lineage = [...above, row];
  const below = row.below.flatMap((one) => withLineage(one, lineage));
  return [{ standing: row.standing ?? "done", lineage }, ...below];
}

function pruned(rows: readonly Row[], kept: ReadonlySet<Row>): readonly Row[] {
  return rows
    .filter((row) => kept.has(row))
    .map((row) => ({ ...row, below: pruned(row.below, kept) }));
}

interface Look {
  readonly canvas: Canvas;
  readonly signs: Signs;
}

function linesOf(rows: readonly Row[], before: string, look: Look): readonly string[] {
  const { signs } = look;
  return rows.flatMap((row, index) => {
    const isLast = index === rows.length - 1;
    const line = lineOf(before + (isLast ? signs.lastBranch : signs.branch), row, look);
    const beside = before + (isLast ? signs.lastBeside : signs.beside);
    return [line, ...linesOf(row.below, beside, look)];
  });
}

/** One line, cut before it is painted: colours take no columns. */
function lineOf(branch: string, { standing, text, aside }: Row, { canvas, signs }: Look): string {
  const { paint, width } = canvas;
  const mark = standing === undefined ? "" : `${signs.marks[standing]} `;
  const room = width - widthOf(branch) - widthOf(mark);
  if (room < 1) return "";
  const name = cutTo(printable(text), room, signs.more);
  const left = room - widthOf(name) - 2;
  const quiet = left > 0 && aside !== "" ? cutTo(printable(aside), left, signs.more) : "";
  const painted = standing === undefined ? mark : paint(STYLES[standing], mark);
  return `${paint("dim", branch)}${painted}${name}${quiet === "" ? "" : `  ${paint("dim", quiet)}`}`;
}
