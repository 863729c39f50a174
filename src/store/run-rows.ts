import type { Run, Transition } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { dueAtOf, errorOf, pauseTextOf, slotOf } from "./rows.ts";

interface RunStep {
  readonly transition: Transition<Run>;
}

/** Inserts the runs that are born; answers the steps whose run is new. */
export function insertRuns(
  connection: Connection,
  steps: readonly RunStep[],
): ReadonlySet<unknown> {
  const births = steps.filter(({ transition }) => transition.before === undefined);
  if (births.length === 0) return new Set();
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
    run.priority,
    run.exclusive ? 1 : 0,
    run.backfill ?? null,
  ]);
  const inserted = connection.run(INSERT_RUNS, [rowsJson(rows)]);
  if (inserted === births.length) return new Set(births);
  // Some are not new. A run's id is its own, so those that are there are ours.
  const ids = births.map(({ transition }) => transition.after.id);
  const there = new Set(
    connection.all<{ id: string }>(FIND_IDS, [rowsJson(ids)]).map(({ id }) => id),
  );
  return new Set<unknown>(births.filter(({ transition }) => there.has(transition.after.id)));
}

/** Steps of one run that follow each other are saved as a chain; of rivals, the first counts. */
export function moveRuns(
  connection: Connection,
  steps: readonly RunStep[],
  created: ReadonlySet<unknown>,
): ReadonlySet<unknown> {
  const chains = chainsOf(steps, created);
  if (chains.length === 0) return new Set();
  const rows = chains.map(({ baseRev, steps: chain }) => updateRow(baseRev, chain));
  const updated = connection.all<{ no: number }>(UPDATE_RUNS, [rowsJson(rows)]);
  const moved = new Set(updated.map(({ no }) => no));
  return new Set(chains.filter(({ no }) => moved.has(no)).flatMap((chain) => chain.steps));
}

interface Chain {
  readonly no: number;
  readonly baseRev: number;
  readonly steps: RunStep[];
}

function chainsOf(steps: readonly RunStep[], created: ReadonlySet<unknown>): readonly Chain[] {
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
    slotOf(run.state),
    pauseTextOf(run.state),
  ];
}

const INSERT_RUNS = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, due_at,
    attempt, failures, crashes, parameters, tags, schedule_key, scheduled_for,
    idempotency_key, parent_id, generation, created_at, priority, exclusive, backfill)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
    j.value->>8, j.value->>9, 0, 0, 0, j.value->>10, j.value->>11, j.value->>12, j.value->>13,
    j.value->>14, j.value->>15, j.value->>16, j.value->>17, j.value->>18,
    j.value->>19, j.value->>20
  FROM json_each(?) AS j WHERE true
  ON CONFLICT DO NOTHING`;

const FIND_IDS = "SELECT id FROM run WHERE id IN (SELECT value FROM json_each(?))";

const UPDATE_RUNS = `
  UPDATE run SET rev = j.value->>2, state_type = j.value->>3, state_name = j.value->>4, message = j.value->>5,
    state_at = j.value->>6, due_at = j.value->>7, error = j.value->>8, attempt = j.value->>9,
    failures = j.value->>10, crashes = j.value->>11, started_at = j.value->>12, ended_at = j.value->>13,
    result = j.value->>14, slot = j.value->>15, pause = j.value->>16
  FROM json_each(?) AS j
  WHERE run.no = j.value->>0 AND run.rev = j.value->>1 RETURNING no`;
