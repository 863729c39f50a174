import type { Run } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";

/**
 * Writes down the tags of runs that were born in this transaction, so that runs of a tag are found by an index.
 * Runs without tags cost nothing.
 */
export function saveTags(connection: Connection, born: readonly Run[]): void {
  const nos = born.filter(({ tags }) => tags.length > 0).map(({ no }) => no);
  if (nos.length > 0) connection.run(INSERT, [rowsJson(nos)]);
}

const INSERT = `
  INSERT OR IGNORE INTO run_tag (tag, run_no)
  SELECT tag.value, run.no FROM json_each(?) AS j CROSS JOIN run ON run.no = j.value, json_each(run.tags) AS tag`;
