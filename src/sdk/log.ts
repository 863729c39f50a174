import { format } from "node:util";
import type { LogLevel } from "../domain/executor.ts";
import { currentScope } from "./scope.ts";

type Write = (...words: readonly unknown[]) => void;

/** Writes log lines of the run, task run or delivery that it is called from. `log("…")` is `log.info("…")`. */
export interface Log extends Write {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export const log: Log = Object.assign(writing("info"), {
  debug: writing("debug"),
  info: writing("info"),
  warn: writing("warn"),
  error: writing("error"),
});

function writing(level: LogLevel): Write {
  return (...words) => {
    const scope = currentScope();
    const text = format(...words);
    if (scope !== undefined) scope.write(level, text);
    else process.stderr.write(`${text}\n`);
  };
}
