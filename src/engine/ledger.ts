import { advance, fits } from "../domain/advance.ts";
import type { Claim, LogLine, Offer, Outcome, RunLedger } from "../domain/executor.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { RunId, SlotName, TaskRunId } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { Run, TaskRun, Transition } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";
import { keepsPlace, overlapSlot, type Slots } from "../domain/slots.ts";
import { isTerminal, type ScheduledState } from "../domain/state.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/open-store.ts";
import { endsOfTasks, withLastLine } from "./attempt-end.ts";
import { claimOf } from "./claim-of.ts";
import { endRun, saveTask } from "./end-run.ts";
import type { KnownRuns } from "./known-runs.ts";
import { releaseTo, signalOf } from "./settle.ts";

/** The ledger as the rest of the engine sees it: it also knows which runs are held, and cancels them. */
export interface EngineLedger extends RunLedger {
  /** A run that an executor has claimed, or is claiming. */
  isHeld(runId: RunId): boolean;
  /** Runs that are being saved in this very turn: they can be claimed in the same commit. */
  expectBorn(runs: readonly Run[]): void;
  /** Moves a held run to Cancelling, once a claim of it that is under way is over. */
  cancelHeld(runId: RunId, message: string): Promise<"cancelling" | "too-late" | "not-held">;
}

export interface LedgerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly log: Log;
  readonly slots: Slots;
  /** The newest config's flow of that name. */
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  /** Runs as they are in the store. */
  readonly readRuns: KnownRuns["read"];
  /** Told when a run has ended or waits for its next attempt, and which limits have room by that. */
  readonly onSettled: (run: Run, freed: readonly SlotName[]) => void;
}

interface Held {
  run: Run;
  /** What it was before it was claimed. */
  readonly waited: ScheduledState;
  readonly token: number;
  /** Task runs that have not ended: they end with the attempt. */
  readonly openTasks: Map<TaskRunId, TaskRun>;
  /** The last thing that the attempt said: what is known of one that crashes. */
  lastLine: string | undefined;
}

export function createLedger(deps: LedgerDeps): EngineLedger {
  return new StoreLedger(deps);
}

/** The ledger over the store. The fencing token is the run's `rev` after the claim: each claim has a greater one. */
class StoreLedger implements EngineLedger {
  readonly #deps: LedgerDeps;
  readonly #held = new Map<RunId, Held>();
  /** By the claim that is at it: a run that was told to wait may be claimed again before that claim has ended. */
  readonly #claiming = new Map<RunId, PromiseWithResolvers<void>>();
  readonly #born = new Map<RunId, Run>();

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
  }

  isHeld(runId: RunId): boolean {
    return this.#held.has(runId) || this.#claiming.has(runId);
  }

  expectBorn(runs: readonly Run[]): void {
    for (const run of runs) this.#born.set(run.id, run);
    // Who is not claimed in this turn is in the store in the next.
    queueMicrotask(() => this.#born.clear());
  }

  async claim(offers: readonly Offer[], _node: string): Promise<readonly (Claim | undefined)[]> {
    const ids = offers.map(({ runId }) => runId).filter((id) => !this.isHeld(id));
    const mine = Promise.withResolvers<void>();
    for (const id of ids) this.#claiming.set(id, mine);
    try {
      const born = ids.flatMap((id) => this.#born.get(id) ?? []);
      const runs = [...born, ...this.#deps.readRuns(ids.filter((id) => !this.#born.has(id)))];
      const claims = await Promise.all(runs.map((run) => this.#claimOne(run)));
      const byId = new Map(claims.map((claim) => [claim?.runId, claim]));
      return offers.map(({ runId }) => byId.get(runId));
    } finally {
      for (const id of ids) if (this.#claiming.get(id) === mine) this.#claiming.delete(id);
      mine.resolve();
    }
  }

  started(runId: RunId, token: number, at: Instant): void {
    const held = this.#holding(runId, token);
    if (held !== undefined) this.#begin(held, at);
  }

  release(runId: RunId, token: number): boolean {
    const held = this.#holding(runId, token);
    if (held === undefined) return false;
    const now = this.#deps.clock();
    const signal = releaseTo(held.waited);
    if (!fits(held.run, signal, now)) return false;
    this.#held.delete(runId);
    const saving = this.#step(held, signal, now);
    void saving.then(() => this.#deps.onSettled(held.run, this.#leave(held.run)));
    return true;
  }

  heartbeat(runId: RunId, token: number): "ok" | "fenced" | "cancel" {
    const held = this.#holding(runId, token);
    if (held === undefined) return "fenced";
    return held.run.state.type === "CANCELLING" ? "cancel" : "ok";
  }

  log(runId: RunId, token: number, lines: readonly LogLine[]): void {
    const held = this.#holding(runId, token);
    if (held === undefined || lines.length === 0) return;
    held.lastLine = lines.at(-1)?.text;
    const { no, attempt, state } = held.run;
    const current = state.type === "PENDING" ? attempt + 1 : attempt;
    this.#deps.store.saveLogLines({ runNo: no, attempt: current, lines });
  }

  tasks(runId: RunId, token: number, transitions: readonly Transition<TaskRun>[]): void {
    const held = this.#holding(runId, token);
    if (held === undefined) return;
    for (const transition of transitions) this.#taskStep(held, transition);
  }

  async finish(
    runId: RunId,
    token: number,
    ended: { readonly outcome: Outcome; readonly startedAt?: Instant; readonly endedAt: Instant },
  ): Promise<"accepted" | "duplicate" | "stale"> {
    const held = this.#holding(runId, token);
    if (held === undefined) return "stale";
    this.#held.delete(runId);
    const { startedAt, endedAt } = ended;
    const outcome = withLastLine(ended.outcome, held.lastLine);
    const began = startedAt ?? (outcome.type === "completed" ? endedAt : undefined);
    if (began !== undefined) this.#begin(held, began);
    const left = endsOfTasks(held.run, held.openTasks.values(), { outcome, now: endedAt });
    for (const step of left) this.#taskStep(held, step);
    const flow = this.#deps.flowNamed(held.run.flow);
    const moment = { flow, now: endedAt, chance: this.#deps.chance() };
    const step = advance(held.run, signalOf(held.run, outcome, moment), endedAt);
    const { run, isSaved } = await endRun(this.#deps, step);
    this.#deps.onSettled(run, this.#leave(run));
    return isSaved ? "accepted" : "stale";
  }

  async cancelHeld(runId: RunId, message: string): Promise<"cancelling" | "too-late" | "not-held"> {
    await this.#claiming.get(runId)?.promise;
    const held = this.#held.get(runId);
    if (held === undefined) return "not-held";
    const signal: Signal = { type: "cancel", message };
    const now = this.#deps.clock();
    const isSaved = fits(held.run, signal, now) && (await this.#step(held, signal, now));
    return isSaved ? "cancelling" : "too-late";
  }

  /** Who will go on keeps its place before the others of its flow; who has been claimed again, all that it had. */
  #leave(run: Run): readonly SlotName[] {
    const { slots } = this.#deps;
    if (this.isHeld(run.id)) return [];
    return keepsPlace(run) ? slots.holdPlace(run) : slots.give(run.id);
  }

  /** The body has begun. Told late, of a run that is being cancelled already, it is no news. */
  #begin(held: Held, at: Instant): void {
    if (fits(held.run, { type: "start" }, at)) void this.#step(held, { type: "start" }, at);
  }

  #holding(runId: RunId, token: number): Held | undefined {
    const held = this.#held.get(runId);
    return held?.token === token ? held : undefined;
  }

  async #claimOne(run: Run): Promise<Claim | undefined> {
    const { store, clock, slots, flowNamed } = this.#deps;
    const now = clock();
    if (run.state.type !== "SCHEDULED" || !fits(run, { type: "submit" }, now)) return undefined;
    const full = slots.take(run);
    if (full !== undefined) return await this.#awaitSlot(run, full);
    const step = advance(run, { type: "submit" }, now);
    const saved = await store.saveRunStep(step).catch(() => "stale" as const);
    if (saved === "stale") {
      this.#deps.onSettled(run, slots.give(run.id));
      return undefined;
    }
    const { after } = step;
    this.#held.set(run.id, {
      run: after,
      waited: run.state,
      token: after.rev,
      openTasks: new Map(),
      lastLine: undefined,
    });
    return claimOf(store.reader, after, flowNamed(run.flow));
  }

  /** A run that finds a limit full waits for it by name, out of the way of those behind it. */
  async #awaitSlot(run: Run, slot: SlotName): Promise<undefined> {
    const isKnown = run.state.type === "SCHEDULED" && run.state.slot === slot;
    if (isKnown) return void this.#claiming.delete(run.id);
    const isOverlap = slot === overlapSlot(run.flow);
    const message = isOverlap ? "the run before it is still open" : `limit "${slot}" is full`;
    const signal: Signal = { type: "await-slot", slot, message };
    const { store, slots, clock, onSettled } = this.#deps;
    await store.saveRunStep(advance(run, signal, clock()));
    // Whoever gives the slot back from now on must find the run: who is being claimed is passed over.
    this.#claiming.delete(run.id);
    // The limit may have got room while that was saved, and the one it waited for before has some still.
    const before = run.state.type === "SCHEDULED" ? run.state.slot : undefined;
    const freed = [slot, ...(before === undefined ? [] : [before])].filter(
      (one) => slots.room(one) > 0,
    );
    if (freed.length > 0) onSettled(run, freed);
    return undefined;
  }

  /** Only the ledger moves a held run, so a step that is stale here is a bug worth a line in the log. */
  async #step(held: Held, signal: Signal, now: Instant): Promise<boolean> {
    const step = advance(held.run, signal, now);
    held.run = step.after;
    const saved = await this.#deps.store.saveRunStep(step).catch((error: unknown) => {
      this.#deps.log.error(`Cannot save step "${signal.type}" of run "${held.run.id}"`, { error });
      return "stale" as const;
    });
    if (saved === "saved") return true;
    this.#deps.log.warn(
      `Run "${held.run.id}" was moved by somebody else: step "${signal.type}" is dropped`,
    );
    return false;
  }

  #taskStep(held: Held, transition: Transition<TaskRun>): void {
    const { after } = transition;
    if (isTerminal(after.state.type)) held.openTasks.delete(after.id);
    else held.openTasks.set(after.id, after);
    void saveTask(this.#deps, held.run, transition);
  }
}
