/** A line that sets a variable for the lines after it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

const VARIABLE =
  /^(?:"(?<quoted>[^"=]+)"|'(?<single>[^'=]+)'|(?<plain>[^\s='"]+))\s*=\s*(?<rest>.*)$/s;
const QUOTED = /^(?<quote>["'])(?<inner>.*?)\k<quote>\s*$/s;

/**
 * Reads a line as crond does: blanks around the `=` do not count, quotes around the value are taken off, and
 * nothing in it is expanded. Undefined if it is no such line, "unclosed" if a quote is not closed.
 */
export function readVariable(line: string): Variable | "unclosed" | undefined {
  const groups = VARIABLE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { quoted, single, plain, rest = "" } = groups;
  const name = quoted ?? single ?? plain ?? "";
  if (!/^["']/.test(rest)) return { name, value: rest.trimEnd() };
  const inner = QUOTED.exec(rest)?.groups?.["inner"];
  return inner === undefined ? "unclosed" : { name, value: inner };
}
