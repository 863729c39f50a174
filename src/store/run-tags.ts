import type { Run, Transition } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";

/**
 * Writes down the tags of runs that were born in this transaction, so that runs of a tag are found by an index.
 * Runs without tags cost nothing, and a birth that was refused leaves nothing.
 */
export function saveTags(
  connection: Connection,
  steps: readonly (object | { readonly transition: Transition<Run> })[],
): void {
  const nos = steps.flatMap((step) => ("transition" in step ? tagged(step.transition) : []));
  if (nos.length > 0) connection.run(INSERT, [rowsJson(nos)]);
}

function tagged({ before, after }: Transition<Run>): readonly number[] {
  return before === undefined && after.tags.length > 0 ? [after.no] : [];
}

const INSERT = `
  INSERT OR IGNORE INTO run_tag (tag, run_no)
  SELECT tag.value, run.no FROM json_each(?) AS j CROSS JOIN run ON run.no = j.value, json_each(run.tags) AS tag`;
