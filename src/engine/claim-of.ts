import type { Claim } from "../domain/executor.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { Run } from "../domain/run.ts";
import type { Connection } from "../store/connection.ts";
import { listKeptResults, listResumeInputs } from "../store/kept-results.ts";

/** What an executor is told of a run that it has claimed. `flow` is the newest config's. */
export function claimOf(reader: Connection, run: Run, flow: FlowSpec | undefined): Claim {
  return {
    runId: run.id,
    token: run.rev,
    run,
    attempt: run.attempt + 1,
    graceMs: flow?.graceMs ?? 0,
    ...leftBefore(reader, run),
    ...(flow?.timeoutMs === undefined ? {} : { timeoutMs: flow.timeoutMs }),
  };
}

/** What earlier attempts of a run left for its next one. A first attempt has nothing to look for. */
function leftBefore(reader: Connection, run: Run): Pick<Claim, "kept" | "resumed"> {
  if (run.attempt === 0) return { kept: [], resumed: [] };
  return { kept: listKeptResults(reader, run), resumed: listResumeInputs(reader, run) };
}
