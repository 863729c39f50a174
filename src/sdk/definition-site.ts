/** Where in the user's code something was written. Lines and columns count from 1. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Only whole paths: in the binary our own files have others. */
const FRAME = /(?:^|\s\()((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/;

/** The shipped hooks: their places say nothing to whoever calls them. In the binary they have no whole paths. */
const SHIPPED_HOOKS = new URL("../../hooks/", import.meta.url).pathname;

/**
 * Where the user's code called `builder`, itself or through a shipped hook: `builder` and everything it called
 * are left out of the stack.
 */
export function definitionSite(builder: (...args: never[]) => unknown): Site | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, builder);
  const frames = holder.stack?.split("\n").filter((line) => line.trimStart().startsWith("at "));
  return frames?.map(siteOfFrame).find((site) => site !== undefined && !isShippedHook(site.file));
}

/** Whether a file is one of ours that is called from configs. */
export function isShippedHook(file: string): boolean {
  return file.startsWith(SHIPPED_HOOKS);
}

/** Reads one line of a stack, such as `    at boom (/srv/flows.config.ts:5:13)`. */
export function siteOfFrame(frame: string): Site | undefined {
  const [, file, line, column] = FRAME.exec(frame.trim().replace(/^at (?:async )?/, "")) ?? [];
  if (file === undefined) return undefined;
  return { file: file.replace(/^file:\/\//, ""), line: Number(line), column: Number(column) };
}
