/** What crond makes of the text after the fields. */
export interface CommandText {
  /** What the shell is given. */
  readonly command: string;
  /** What the command reads from its standard input, if the line gives it something. */
  readonly stdin?: string;
}

/**
 * The first `%` ends the command, what follows is its standard input, in which every further one is a line
 * feed. `\%` is a percent sign; any other backslash stays.
 */
export function readCommandText(text: string): CommandText {
  const end = firstPercent(text);
  const command = text
    .slice(0, end)
    .replace(/\\([\s\S])/g, (pair, sign) => (sign === "%" ? "%" : pair));
  const input = text.slice(end + 1).replace(/\\%|%/g, (sign) => (sign === "%" ? "\n" : "%"));
  if (input === "") return { command };
  return { command, stdin: input.endsWith("\n") ? input : `${input}\n` };
}

/** Where the first `%` without a backslash is; the end of the text if there is none. */
function firstPercent(text: string): number {
  const before = /^(?:[^\\%]|\\[\s\S]|\\$)*/.exec(text)?.[0] ?? "";
  return before.length;
}
