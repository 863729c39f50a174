import type {
  Claim,
  KeptResult,
  LogLine,
  Offer,
  Outcome,
  RunLedger,
} from "../../../src/domain/executor.ts";
import type { FlowName, RunId } from "../../../src/domain/ids.ts";
import { type Instant, instant } from "../../../src/domain/instant.ts";
import { type Json, type JsonObject, jsonText } from "../../../src/domain/json.ts";
import type { Run, TaskRun, Transition } from "../../../src/domain/run.ts";

/** What became of one run. */
export interface Kept {
  readonly outcome: Outcome;
  readonly startedAt?: Instant;
  readonly endedAt: Instant;
}

/** A ledger in memory, and the runs that it offers. */
export interface MemoryLedger extends RunLedger {
  add(flow: string, options?: AddOptions): Offer;
  readonly began: RunId[];
  /** Runs that were given back. */
  readonly released: RunId[];
  readonly ends: Map<RunId, Kept>;
  /** How many reports of task runs there have been. */
  readonly calls: { tasks: number };
  lines(runId: RunId): readonly LogLine[];
  steps(runId: RunId): readonly Transition<TaskRun>[];
  /** Resolves when the run has ended. */
  end(offer: Offer): Promise<Kept>;
  /** Resolves when a log line of the run has this text. */
  said(offer: Offer, text: string): Promise<void>;
}

export interface AddOptions {
  readonly parameters?: JsonObject;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly attempt?: number;
  readonly kept?: readonly KeptResult[];
  readonly resumed?: readonly Json[];
  /** A parent waits for it. */
  readonly child?: boolean;
}

export function memoryLedger(onReleased: (offer: Offer) => void = () => {}): MemoryLedger {
  const runs = new Map<RunId, { run: Run; options: AddOptions }>();
  const ends = new Map<RunId, Kept>();
  const began: RunId[] = [];
  const released: RunId[] = [];
  const logs = new Map<RunId, LogLine[]>();
  const tasks = new Map<RunId, Transition<TaskRun>[]>();
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const at = instant(Date.now());
  const calls = { tasks: 0 };
  let count = 0;
  return {
    began,
    released,
    ends,
    calls,
    add(flow, options = {}) {
      count += 1;
      const runId = `run-${count}` as RunId;
      const run: Run = {
        id: runId,
        no: count,
        name: `name-${count}`,
        flow: flow as FlowName,
        parameters: jsonText(options.parameters ?? {}),
        tags: ["t"],
        createdAt: at,
        generation: 1,
        priority: 0,
        exclusive: false,
        failures: 0,
        crashes: 0,
        rev: 2,
        attempt: 0,
        state: { type: "PENDING", name: "Pending", message: "", at },
      };
      runs.set(runId, { run, options });
      return { runId, flow: run.flow };
    },
    async claim(offers) {
      await Promise.resolve();
      return offers.map(({ runId }): Claim | undefined => {
        const found = runs.get(runId);
        if (found === undefined) return undefined;
        const { timeoutMs, graceMs = 200, attempt = 1, kept = [], resumed = [] } = found.options;
        const time = timeoutMs === undefined ? {} : { timeoutMs };
        return { runId, token: 1, run: found.run, attempt, graceMs, kept, resumed, ...time };
      });
    },
    started(runId) {
      began.push(runId);
      look();
    },
    release(runId) {
      const flow = runs.get(runId)?.run.flow;
      if (flow === undefined) return false;
      released.push(runId);
      // As the dispatcher does, once it is committed.
      queueMicrotask(() => onReleased({ runId, flow }));
      return true;
    },
    heartbeat: () => "ok",
    log(runId, _token, lines) {
      logs.set(runId, [...(logs.get(runId) ?? []), ...lines]);
      look();
    },
    tasks(runId, _token, transitions) {
      calls.tasks += 1;
      const kept = tasks.get(runId) ?? [];
      tasks.set(runId, kept);
      for (const transition of transitions) kept.push(transition);
    },
    async finish(runId, _token, ended) {
      if (ends.has(runId)) return "duplicate";
      ends.set(runId, ended);
      look();
      return "accepted";
    },
    lines: (runId) => logs.get(runId) ?? [],
    steps: (runId) => tasks.get(runId) ?? [],
    async end({ runId }) {
      await until(() => ends.has(runId));
      const kept = ends.get(runId);
      if (kept === undefined) throw new Error(`run ${runId} has no end`);
      return kept;
    },
    said: ({ runId }, text) =>
      until(() => (logs.get(runId) ?? []).some((line) => line.text === text)),
  };
}
