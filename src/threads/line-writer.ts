import type { LogLevel, LogLine } from "../domain/executor.ts";
import type { TaskRunId } from "../domain/ids.ts";
import { instant } from "../domain/instant.ts";

const LINE_MAX = 16_384;

/** Turns what code writes into log lines, and stops after a bounded number of them with one that says so. */
export interface LineWriter {
  write(level: LogLevel, text: string, taskRun?: TaskRunId): void;
}

export function lineWriter(linesMax: number, emit: (line: LogLine) => void): LineWriter {
  let count = 0;
  return {
    write(level, text, taskRun) {
      if (count > linesMax) return;
      const at = instant(Date.now());
      for (const line of linesOf(text)) {
        count += 1;
        if (count > linesMax) {
          emit({ at, level: "warn", text: `Lines beyond the first ${linesMax} are not kept` });
          return;
        }
        emit({ at, level, text: line, ...(taskRun === undefined ? {} : { taskRun }) });
      }
    },
  };
}

/** The lines of a text, each of a kept length, without what a store cannot hold: NUL and lone surrogates. */
export function linesOf(text: string): readonly string[] {
  const whole = text.endsWith("\n") ? text.slice(0, -1) : text;
  return whole.split("\n").map(tidy);
}

function tidy(line: string): string {
  const cut =
    line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}… (${line.length} characters)` : line;
  return cut.replace(/\r$/, "").replaceAll("\0", "\uFFFD").toWellFormed();
}
