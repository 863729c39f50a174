import type { HookBook } from "../domain/hook-matching.ts";
import type { Advancing, Run, Transition } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import type { DeliveryRows, NewDelivery } from "./delivery-rows.ts";
import type { Numbers } from "./numbers.ts";
import { dueAtOf, errorOf } from "./rows.ts";

export type Saved = "saved" | "stale";

/** A step to save, and whom to tell. */
export interface RunStep {
  readonly transition: Transition<Run>;
  readonly settle: (saved: Saved) => void;
}

export interface RunStepTools {
  readonly numbers: Numbers;
  /** The hooks of the newest config. */
  readonly hooks: () => HookBook;
  readonly deliveries: DeliveryRows;
}

/**
 * Saves steps of runs, each with its transition and the deliveries it rings, inside the caller's
 * transaction. The one place that changes a run's state.
 *
 * A step that no longer fits is "stale": the due time has its run already, or the run has moved on since
 * it was read. A cancel and a finish may arrive together, and only the first may count.
 */
export function saveRunSteps(
  connection: Connection,
  steps: readonly RunStep[],
  tools: RunStepTools,
): () => void {
  const created = new Set(insertRuns(connection, steps));
  const moved = new Set(moveRuns(connection, steps, created));
  const saved = (step: RunStep) => created.has(step) || moved.has(step);
  const announce = insertTransitions(connection, steps.filter(saved), tools);
  return () => {
    announce();
    for (const step of steps) step.settle(saved(step) ? "saved" : "stale");
  };
}

function insertRuns(connection: Connection, steps: readonly RunStep[]): readonly RunStep[] {
  const births = steps.filter(({ transition }) => transition.before === undefined);
  if (births.length === 0) return [];
  const rows = births.map(({ transition: { after: run } }) => [
    run.no,
    run.id,
    run.name,
    run.flow,
    run.rev,
    run.state.type,
    run.state.name,
    run.state.message,
    run.state.at,
    dueAtOf(run.state),
    run.parameters,
    JSON.stringify(run.tags),
    run.schedule ?? null,
    run.scheduledFor ?? null,
    run.idempotencyKey ?? null,
    run.parent ?? null,
    run.generation,
    run.createdAt,
  ]);
  const inserted = new Set(
    connection.all<{ no: number }>(INSERT_RUNS, [rowsJson(rows)]).map((row) => row.no),
  );
  return births.filter(({ transition }) => inserted.has(transition.after.no));
}

/** Steps of one run that follow each other are saved as a chain; of rivals, the first counts. */
function moveRuns(
  connection: Connection,
  steps: readonly RunStep[],
  created: ReadonlySet<RunStep>,
): readonly RunStep[] {
  const chains = chainsOf(steps, created);
  if (chains.length === 0) return [];
  const rows = chains.map(({ baseRev, steps: chain }) => updateRow(baseRev, chain));
  const updated = new Set(
    connection.all<{ no: number }>(UPDATE_RUNS, [rowsJson(rows)]).map((row) => row.no),
  );
  return chains.filter(({ no }) => updated.has(no)).flatMap((chain) => chain.steps);
}

interface Chain {
  readonly no: number;
  readonly baseRev: number;
  readonly steps: RunStep[];
}

function chainsOf(steps: readonly RunStep[], created: ReadonlySet<RunStep>): readonly Chain[] {
  const chains = new Map<number, Chain>();
  for (const step of steps) {
    const { before, after } = step.transition;
    if (before === undefined) continue;
    const chain = chains.get(after.no);
    if (chain === undefined)
      chains.set(after.no, { no: after.no, baseRev: before.rev, steps: [step] });
    else if (lastRev(chain) === before.rev) chain.steps.push(step);
  }
  const refused = new Set(
    steps
      .filter((step) => step.transition.before === undefined && !created.has(step))
      .map((step) => step.transition.after.no),
  );
  return [...chains.values()].filter(({ no }) => !refused.has(no));
}

function lastRev(chain: Chain): number | undefined {
  return chain.steps.at(-1)?.transition.after.rev;
}

function updateRow(baseRev: number, chain: readonly RunStep[]): readonly unknown[] {
  const run = chain.at(-1)?.transition.after;
  if (run === undefined) throw new Error("Cannot save an empty chain of steps");
  return [
    run.no,
    baseRev,
    run.rev,
    run.state.type,
    run.state.name,
    run.state.message,
    run.state.at,
    dueAtOf(run.state),
    errorOf(run.state),
    run.attempt,
    run.failures,
    run.crashes,
    run.startedAt ?? null,
    run.endedAt ?? null,
    run.result ?? null,
  ];
}

function insertTransitions(
  connection: Connection,
  steps: readonly RunStep[],
  { numbers, hooks, deliveries }: RunStepTools,
): () => void {
  if (steps.length === 0) return () => {};
  const book = hooks();
  const rung: NewDelivery[] = [];
  const rows = steps.map(({ transition }) => {
    const { after } = transition;
    const { state } = after;
    const seq = numbers.take("transition");
    for (const ring of book.ofRun(transition))
      rung.push({ ring, seq, runNo: after.no, at: state.at });
    return transitionRow({ seq, runNo: after.no, taskNo: null }, after);
  });
  connection.run(INSERT_TRANSITIONS, [rowsJson(rows)]);
  return deliveries.insert(connection, rung);
}

/** The row of the transition that led to `after`, as INSERT_TRANSITIONS takes it. */
export function transitionRow(
  place: { readonly seq: number; readonly runNo: number; readonly taskNo: number | null },
  { attempt, state }: Advancing,
): readonly unknown[] {
  const { type, name, message, at } = state;
  return [
    place.seq,
    place.runNo,
    place.taskNo,
    attempt,
    type,
    name,
    message,
    at,
    dueAtOf(state),
    errorOf(state),
  ];
}

const INSERT_RUNS = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, due_at,
    attempt, failures, crashes, parameters, tags, schedule_key, scheduled_for,
    idempotency_key, parent_id, generation, created_at)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
    j.value->>8, j.value->>9, 0, 0, 0, j.value->>10, j.value->>11, j.value->>12, j.value->>13,
    j.value->>14, j.value->>15, j.value->>16, j.value->>17
  FROM json_each(?) AS j WHERE true
  ON CONFLICT DO NOTHING RETURNING no`;

const UPDATE_RUNS = `
  UPDATE run SET rev = j.value->>2, state_type = j.value->>3, state_name = j.value->>4, message = j.value->>5,
    state_at = j.value->>6, due_at = j.value->>7, error = j.value->>8, attempt = j.value->>9,
    failures = j.value->>10, crashes = j.value->>11, started_at = j.value->>12, ended_at = j.value->>13,
    result = j.value->>14
  FROM json_each(?) AS j
  WHERE run.no = j.value->>0 AND run.rev = j.value->>1 RETURNING no`;

export const INSERT_TRANSITIONS = `
  INSERT INTO transition (seq, run_no, task_no, attempt, type, name, message, at, due_at, error)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
    j.value->>8, j.value->>9
  FROM json_each(?) AS j`;
