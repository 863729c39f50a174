/** Where in the user's code something was written. Lines and columns count from 1. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/;

/** Where `builder` was called from: `builder` and everything it called are left out of the stack. */
export function definitionSite(builder: (...args: never[]) => unknown): Site | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, builder);
  const frame = holder.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  return frame === undefined ? undefined : siteOfFrame(frame);
}

/** Reads one line of a stack, such as `    at boom (/srv/flows.config.ts:5:13)`. */
export function siteOfFrame(frame: string): Site | undefined {
  const [, file, line, column] = FRAME.exec(frame.trim().replace(/^at (?:async )?/, "")) ?? [];
  if (file === undefined) return undefined;
  return { file: file.replace(/^file:\/\//, ""), line: Number(line), column: Number(column) };
}
