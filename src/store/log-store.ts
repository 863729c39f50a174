import type { LogLine } from "../domain/executor.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import type { Numbers } from "./numbers.ts";

/** Lines that one attempt of a run wrote. */
export interface LogLines {
  readonly runNo: number;
  readonly attempt: number;
  readonly lines: readonly LogLine[];
}

/** Appends log lines, inside the caller's transaction. */
export function saveLogLines(
  connection: Connection,
  batches: readonly LogLines[],
  numbers: Numbers,
): () => void {
  const rows = batches.flatMap(({ runNo, attempt, lines }) =>
    lines.map((line) => [
      numbers.take("log"),
      runNo,
      attempt,
      line.at,
      line.level,
      line.text,
      line.taskRun ?? null,
    ]),
  );
  connection.run(INSERT_LINES, [rowsJson(rows)]);
  return () => {};
}

const INSERT_LINES = `
  INSERT INTO log (no, run_no, attempt, at, level, text, task_run)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6
  FROM json_each(?) AS j`;
