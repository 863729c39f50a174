import type { LogLine } from "../domain/executor.ts";
import type { Connection } from "./connection.ts";
import { rowWriter } from "./insert-rows.ts";
import type { Numbers } from "./numbers.ts";
import { type AfterCommit, NOTHING_AFTER } from "./shelves.ts";

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
): AfterCommit {
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
  insertLines(connection, rows);
  return NOTHING_AFTER;
}

const insertLines = rowWriter("log", [
  ...["no", "run_no", "attempt", "at", "level", "text", "task_run"],
]);
