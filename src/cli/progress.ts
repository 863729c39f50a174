import type { Session } from "./session.ts";

/** One line of a terminal that says how far something has come; nothing anywhere else. */
export interface Progress {
  show(line: string): void;
  /** Takes the line away. */
  end(): void;
}

const CLEAR_LINE = "\r\u001b[K";
/** Nobody reads faster. */
const EVERY_MS = 100;

export function createProgress({ context, globals, printer }: Session): Progress {
  const { stderr } = context;
  if (!stderr.isTTY || globals.quiet === true) return { show() {}, end() {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      if (performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      stderr.write(CLEAR_LINE + printer.safe(line));
    },
    end: () => stderr.write(CLEAR_LINE),
  };
}
