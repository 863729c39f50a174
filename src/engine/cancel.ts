import { advance, fits } from "../domain/advance.ts";
import type { Executor } from "../domain/executor.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { Clock } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { listOpenChildren, listRunsById } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { CancelAnswer } from "./commands.ts";
import type { EngineLedger } from "./ledger.ts";

const BY_REQUEST = "cancelled by request";
const GRACE_MS = 30_000;

export interface CancelDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ledger: EngineLedger;
  readonly executor: Pick<Executor, "cancel">;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
}

/** Cancels a run: one that waits at once, one that is held by asking its body to stop first. */
export async function cancelRun(
  run: Run,
  deps: CancelDeps,
  message = BY_REQUEST,
): Promise<CancelAnswer> {
  const { store, clock, ledger, executor, flowNamed } = deps;
  await cancelChildren(run, deps);
  if (ledger.isHeld(run.id)) {
    const answer = await ledger.cancelHeld(run.id, message);
    if (answer === "cancelling") {
      executor.cancel(run.id, flowNamed(run.flow)?.cancelGraceMs ?? GRACE_MS);
    }
    // It was being claimed, and that came to nothing: it waits, or is over.
    return answer === "not-held" ? cancelRun(run, deps, message) : answer;
  }
  const [current] = listRunsById(store.reader, [run.id]);
  const signal = { type: "cancel", message } as const;
  if (current === undefined || !fits(current, signal, clock())) return "too-late";
  const saved = await store.saveRunStep(advance(current, signal, clock()));
  // An executor may have claimed it in between: then it is held now, or over.
  return saved === "saved" ? "cancelled" : cancelRun(run, deps, message);
}

/** Children go first: none of them is left without the parent that waits for it. */
async function cancelChildren(run: Run, deps: CancelDeps): Promise<void> {
  const children = listOpenChildren(deps.store.reader, run.id);
  await Promise.all(children.map((child) => cancelRun(child, deps)));
}
