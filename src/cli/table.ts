import { printable, widthOf } from "./text.ts";

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface TableStyle {
  /** Aligned under a head for people; otherwise tab-separated lines without one, for programs. */
  readonly aligned: boolean;
  readonly paintHead: (text: string) => string;
  /** Paints a cell after it has been aligned. */
  readonly paintCell: (text: string, column: string) => string;
}

/** A table as text, each line with its line feed; an empty text for a table without rows. */
export function renderTable({ head, rows }: Table, style: TableStyle): string {
  const cells = rows.map((row) => row.map(printable));
  if (cells.length === 0) return "";
  if (!style.aligned) return cells.map((row) => `${row.join("\t")}\n`).join("");
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[column] ?? ""))),
  );
  const pad = (row: readonly string[], paint: (text: string, column: string) => string) =>
    `${row
      .map((cell, column) => padded(paint(cell, head[column] ?? ""), cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd()}\n`;
  return [pad(head, style.paintHead), ...cells.map((row) => pad(row, style.paintCell))].join("");
}

function padded(painted: string, plain: string, width: number): string {
  return painted + " ".repeat(Math.max(0, width - widthOf(plain)));
}
