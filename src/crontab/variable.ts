/** A line that sets a variable for the lines after it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

const VARIABLE =
  /^(?:"(?<quoted>[^"=]+)"|'(?<single>[^'=]+)'|(?<plain>[^\s='"]+))\s*=\s*(?<rest>.*)$/s;
const QUOTED = /^(?<quote>["'])(?<inner>.*?)\k<quote>\s*(?<after>.*?)\s*$/s;

/**
 * Reads a line as crond does: blanks around the `=` do not count, quotes around the value are taken off, and
 * nothing in it is expanded. Undefined if it is no such line, and what is wrong with its quotes if something is.
 */
export function readVariable(line: string): Variable | string | undefined {
  const groups = VARIABLE.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { quoted, single, plain, rest = "" } = groups;
  const name = quoted ?? single ?? plain ?? "";
  if (!/^["']/.test(rest)) return { name, value: rest.trimEnd() };
  const { inner = "", after = "" } = QUOTED.exec(rest)?.groups ?? { after: rest };
  if (after === rest) return "a quote is not closed";
  return after === "" ? { name, value: inner } : `crond takes nothing after the quote: "${after}"`;
}
