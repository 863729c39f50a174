import { advance, fits } from "../domain/advance.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { RunId } from "../domain/ids.ts";
import { type Clock, type Instant, later } from "../domain/instant.ts";
import { hasBegun } from "../domain/overlap.ts";
import type { Run } from "../domain/run.ts";
import { listRunsById, listRunsToBeLate } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import { dueHeap } from "./due-heap.ts";
import type { EngineLedger } from "./ledger.ts";

// In: runs that wait, and runs that run. Out: those not started in time become Late; those that run long ring.

/** Runs that are made Late in one pass; the rest follow in the next. */
const RUNS_PER_PASS = 500;

export interface Watch {
  /** Takes up the runs of schedules that waited when the daemon started. */
  start(): void;
  /** Told of new runs, and of each step that was committed. */
  moved(run: Run): void;
  pass(): Instant | undefined;
}

export interface WatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ledger: Pick<EngineLedger, "isHeld">;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  /** Asks for a pass. */
  readonly wake: () => void;
}

export function createWatch(deps: WatchDeps): Watch {
  return new RunWatch(deps);
}

/** Whether an executor had no room for it after all: it is late if that lasts. */
function isReleased(run: Run): boolean {
  return run.state.name === "Scheduled" && run.rev > 1 && !hasBegun(run);
}

class RunWatch implements Watch {
  readonly #deps: WatchDeps;
  /** Only runs of schedules have a time that they can be late for. Most have begun long before. */
  readonly #waiting = dueHeap<RunId>();
  /** Runs that are running, of flows that expect an end, and when that is. */
  readonly #expected = new Map<RunId, { readonly run: Run; readonly at: Instant }>();
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    for (const run of listRunsToBeLate(this.#deps.store.reader)) this.#watchWaiting(run);
  }

  moved(run: Run): void {
    if (run.rev === 1 || isReleased(run)) this.#watchWaiting(run);
    if (run.state.type === "RUNNING") this.#watchRunning(run);
    else if (this.#expected.size > 0) this.#expected.delete(run.id);
  }

  pass(): Instant | undefined {
    const now = this.#deps.clock();
    this.#makeLate(now);
    this.#ringLong(now);
    const dues = [...this.#expected.values()].map(({ at }) => at);
    const first = this.#waiting.nextDueAt();
    const [next] = (first === undefined ? dues : [...dues, first]).sort((a, b) => a - b);
    this.#wakesAt = next ?? Number.POSITIVE_INFINITY;
    return next;
  }

  #watchWaiting({ id, flow, scheduledFor, backfill, state }: Run): void {
    if (scheduledFor === undefined || backfill !== undefined) return;
    if (state.type !== "SCHEDULED") return;
    const lateAfterMs = this.#deps.flowNamed(flow)?.lateAfterMs;
    if (lateAfterMs === undefined) return;
    const at = later(state.dueAt, lateAfterMs);
    this.#waiting.push(at, id);
    this.#wakeAt(at);
  }

  #watchRunning(run: Run): void {
    const expectWithinMs = this.#deps.flowNamed(run.flow)?.expectWithinMs;
    if (expectWithinMs === undefined) return;
    const at = later(run.state.at, expectWithinMs);
    this.#expected.set(run.id, { run, at });
    this.#wakeAt(at);
  }

  #wakeAt(at: Instant): void {
    if (at < this.#wakesAt) this.#deps.wake();
  }

  #makeLate(now: Instant): void {
    const { store, ledger } = this.#deps;
    const ids = this.#waiting.takeDue(now).filter((id) => !ledger.isHeld(id));
    for (const id of ids.slice(RUNS_PER_PASS)) this.#waiting.push(now, id);
    for (const run of listRunsById(store.reader, ids.slice(0, RUNS_PER_PASS))) {
      if (!fits(run, { type: "be-late" }, now)) continue;
      // Who claims the run in this very turn is told that it is stale, and finds the late one.
      void store.saveRunStep(advance(run, { type: "be-late" }, now)).catch(() => {});
    }
  }

  #ringLong(now: Instant): void {
    for (const [id, { run, at }] of this.#expected) {
      if (at > now) continue;
      this.#expected.delete(id);
      this.#deps.store.ringLongRun({ run, now });
    }
  }
}
