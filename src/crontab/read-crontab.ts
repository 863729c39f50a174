import { type Entry, readEntry } from "./entry.ts";
import { readVariable, type Variable } from "./variable.ts";

interface Placed {
  /** The number of the line, 1-based. */
  readonly line: number;
  /** The line as it stands there, without blanks around it. */
  readonly text: string;
}

/** A line of a crontab, read. */
export type CrontabLine = Placed &
  (
    | { readonly kind: "blank" }
    /** `comment` is without its sign. */
    | { readonly kind: "comment"; readonly comment: string }
    | { readonly kind: "variable"; readonly variable: Variable }
    | { readonly kind: "entry"; readonly entry: Entry }
    | { readonly kind: "unreadable"; readonly reason: string }
  );

/** Reads a crontab line by line; nothing is left out. */
export function readCrontab(
  text: string,
  { isSystem }: { readonly isSystem: boolean },
): readonly CrontabLine[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.map((whole, index) => {
    const placed = { line: index + 1, text: whole.trim() };
    // Blanks at the end may belong to what a command reads.
    return readLine(placed, { isSystem, text: whole.trimStart() });
  });
}

/** Whether a comment is a line that was switched off, or explains the fields: nothing about the line below. */
export function isOldLineOrLegend(comment: string): boolean {
  const text = comment.trim();
  if (/^[|.\s*-]*$|[-.]{4}|\bm(?:in)?\s+h\w*\s+dom/i.test(text)) return text !== "";
  return readEntry(text, false).ok || readEntry(text, true).ok;
}

interface Reading {
  readonly isSystem: boolean;
  /** The line with the blanks at its end. */
  readonly text: string;
}

function readLine(placed: Placed, { isSystem, text }: Reading): CrontabLine {
  if (placed.text === "") return { ...placed, kind: "blank" };
  if (text.startsWith("#")) return { ...placed, kind: "comment", comment: placed.text.slice(1) };
  if (text.includes("\0")) {
    return {
      ...placed,
      kind: "unreadable",
      reason: "Cannot read a line with a NUL character in it",
    };
  }
  const variable = readVariable(text);
  if (typeof variable === "string") {
    return { ...placed, kind: "unreadable", reason: `Cannot read "${placed.text}": ${variable}` };
  }
  if (variable !== undefined) return { ...placed, kind: "variable", variable };
  const answer = readEntry(text, isSystem);
  return answer.ok
    ? { ...placed, kind: "entry", entry: answer.entry }
    : { ...placed, kind: "unreadable", reason: answer.reason };
}
