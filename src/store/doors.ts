import type { Run, TaskRun, Transition } from "../domain/run.ts";
import { type DeliveryResult, saveDeliveryResults } from "./delivery-store.ts";
import { type HookMemoryEntry, saveHookMemory } from "./hook-memory.ts";
import type { Lane } from "./lane.ts";
import { type LogLines, saveLogLines } from "./log-store.ts";
import { type LongRun, ringLongRuns } from "./long-runs.ts";
import { type DealtDues, saveDues } from "./schedule-store.ts";
import { type RunStep, type Saved, type Step, type StepTools, saveSteps } from "./steps.ts";

/** What can be saved on the hot path. Each promise settles after the commit that holds it. */
export interface Doors {
  /** Saves a step with its transition and deliveries (and what `also` writes), or answers "stale" and saves nothing. */
  saveRunStep(transition: Transition<Run>, also?: RunStep["also"]): Promise<Saved>;
  /** Saves runs, decisions and cursors in one transaction; answers for each run whether it is new. */
  saveDues(
    dues: Omit<DealtDues, "settle" | "steps"> & { readonly births: readonly Transition<Run>[] },
  ): Promise<readonly Saved[]>;
  saveTaskStep(run: Run, transition: Transition<TaskRun>): Promise<Saved>;
  saveLogLines(lines: LogLines): void;
  saveDeliveryResult(result: Omit<DeliveryResult, "settle">): Promise<void>;
  /** Keeps what a hook's own options go by: when it was last rung for what. */
  saveHookMemory(entry: HookMemoryEntry): void;
  /** Rings the hooks of a run that goes on for longer than expected. */
  ringLongRun(found: LongRun): void;
  /** Resolves when everything that was asked for before is committed. */
  saved(): Promise<void>;
}

/** One shelf per kind of thing that is saved, in the order in which a commit writes them. */
export function openDoors(writer: Pick<Lane, "collect">, tools: StepTools): Doors {
  const dues = writer.collect<DealtDues & Rejecting>({
    save: (connection, items) => saveDues(connection, items, tools),
    // Which decisions are new is read from what was written.
    canBePlanned: (items) => items.every(({ decisions }) => decisions.length === 0),
    fail: rejectAll,
  });
  const steps = writer.collect<Step & Rejecting>({
    save: (connection, items) => saveSteps(connection, items, tools),
    canBePlanned: (items) => items.every((step) => !("also" in step)),
    fail: rejectAll,
  });
  const logLines = writer.collect<LogLines>({
    save: (connection, items) => saveLogLines(connection, items, tools.numbers),
    fail: () => {},
  });
  const results = writer.collect<DeliveryResult & Rejecting>({
    save: (connection, items) => saveDeliveryResults(connection, items, tools),
    fail: rejectAll,
  });
  const memories = writer.collect<HookMemoryEntry>({ save: saveHookMemory, fail: () => {} });
  const longRuns = writer.collect<LongRun>({
    save: (connection, found) => ringLongRuns(connection, found, tools),
    // It reads whether the run has moved on in the same commit.
    canBePlanned: () => false,
    fail: () => {},
  });
  // The last shelf: what stands before it in the same commit is saved with it.
  const barriers = writer.collect<{ readonly settle: () => void } & Rejecting>({
    save: (_, items) => ({
      tell() {
        for (const { settle } of items) settle();
      },
    }),
    fail: rejectAll,
  });
  return {
    saved: () => new Promise((settle, reject) => barriers({ settle, reject })),
    saveRunStep: (transition, also) =>
      new Promise((settle, reject) => {
        steps({ transition, settle, reject, ...(also === undefined ? {} : { also }) });
      }),
    saveDues: ({ births, decisions, cursors }) =>
      new Promise((resolve, reject) => {
        const saved: Saved[] = [];
        const born = births.map((transition) => ({
          transition,
          settle: (one: Saved) => void saved.push(one),
        }));
        dues({ steps: born, decisions, cursors, settle: () => resolve(saved), reject });
      }),
    saveTaskStep: (run, taskTransition) =>
      new Promise((settle, reject) => steps({ run, taskTransition, settle, reject })),
    saveLogLines: logLines,
    saveHookMemory: memories,
    ringLongRun: longRuns,
    saveDeliveryResult: (result) =>
      new Promise((settle, reject) => results({ ...result, settle, reject })),
  };
}

interface Rejecting {
  readonly reject: (error: unknown) => void;
}

function rejectAll(items: readonly Rejecting[], error: unknown): void {
  for (const { reject } of items) reject(error);
}
