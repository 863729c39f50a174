import type { Claim } from "../domain/executor.ts";
import type { Run } from "../domain/run.ts";
import type { Connection } from "../store/connection.ts";
import { listKeptResults, listResumeInputs } from "../store/kept-results.ts";

/** What earlier attempts of a run left for its next one. A first attempt has nothing to look for. */
export function leftBefore(reader: Connection, run: Run): Pick<Claim, "kept" | "resumed"> {
  if (run.attempt === 0) return { kept: [], resumed: [] };
  return { kept: listKeptResults(reader, run), resumed: listResumeInputs(reader, run) };
}
