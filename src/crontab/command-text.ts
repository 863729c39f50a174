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
  if (end === text.length) return { command: readEscapes(text).replace(END_BLANKS, "") };
  const command = readEscapes(text.slice(0, end));
  const input = text.slice(end + 1).replace(/\\%|%/g, (sign) => (sign === "%" ? "\n" : "%"));
  if (input === "") return { command };
  return { command, stdin: input.endsWith("\n") ? input : `${input}\n` };
}

/** To a shell they say nothing, unless there is a backslash before the first. */
const END_BLANKS = /(?<!\\)[ \t]+$/;

function readEscapes(text: string): string {
  return text.replace(/\\([\s\S])/g, (pair, sign) => (sign === "%" ? "%" : pair));
}

/** Where the first `%` without a backslash is; the end of the text if there is none. */
function firstPercent(text: string): number {
  const before = /^(?:[^\\%]|\\[\s\S]|\\$)*/.exec(text)?.[0] ?? "";
  return before.length;
}
