import type { Run, Transition } from "../domain/run.ts";
import { isTerminal } from "../domain/state.ts";
import type { Bindable } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { dueAtOf, errorOf, pauseTextOf, slotOf } from "./rows.ts";
import { saveTags } from "./run-tags.ts";

interface RunStep {
  readonly transition: Transition<Run>;
}

/** Inserts the runs that are born, with their tags; answers the steps whose run is new. */
export function insertRuns(
  connection: Connection,
  steps: readonly RunStep[],
): ReadonlySet<unknown> {
  const born = steps.filter(
    ({ transition: { before, after } }) =>
      before === undefined && connection.runOne(INSERT_RUN, newRow(after)),
  );
  saveTags(
    connection,
    born.map(({ transition }) => transition.after),
  );
  return new Set(born);
}

function newRow(run: Run): readonly Bindable[] {
  return [
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
    run.schedule,
    run.scheduledFor,
    run.idempotencyKey,
    run.parent,
    run.generation,
    run.createdAt,
    run.priority,
    run.exclusive,
    run.backfill,
  ];
}

/** Steps of one run that follow each other are saved as a chain; of rivals, the first counts. */
export function moveRuns(
  connection: Connection,
  steps: readonly RunStep[],
  created: ReadonlySet<unknown>,
): ReadonlySet<unknown> {
  const moved = chainsOf(steps, created).filter((chain) => update(connection, chain));
  return new Set(moved.flatMap((chain) => chain.steps));
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

/** Of most runs, little of the row changes: they are claimed for the first time, and then they complete. */
function update(connection: Connection, chain: Chain): boolean {
  const before = chain.steps[0]?.transition.before;
  const run = chain.steps.at(-1)?.transition.after;
  if (before === undefined || run === undefined) return false;
  const { baseRev } = chain;
  const isFirst = run.failures + run.crashes === 0 && before.endedAt === undefined;
  if (isFirst && isClaim(before, run))
    return connection.runOne(CLAIM_RUN, claimedRow(baseRev, run));
  if (isFirst && isCompletion(before, run))
    return connection.runOne(COMPLETE_RUN, completedRow(baseRev, run));
  return connection.runOne(UPDATE_RUN, movedRow(baseRev, run));
}

function isClaim(before: Run, { state, attempt }: Run): boolean {
  return attempt === 0 && before.state.type === "SCHEDULED" && state.type === "PENDING";
}

/** Who is held is neither due nor waits for a slot, nor has it an error. */
function isCompletion(before: Run, { state }: Run): boolean {
  const wasHeld = before.state.type === "PENDING" || before.state.type === "RUNNING";
  return wasHeld && state.type === "COMPLETED";
}

function completedRow(baseRev: number, run: Run): readonly Bindable[] {
  const { no, rev, state, attempt, startedAt, endedAt, result } = run;
  return [
    no,
    baseRev,
    rev,
    state.name,
    state.message,
    state.at,
    attempt,
    startedAt,
    endedAt,
    result,
  ];
}

function claimedRow(baseRev: number, { no, rev, state }: Run): readonly Bindable[] {
  return [no, baseRev, rev, state.name, state.message, state.at];
}

function movedRow(baseRev: number, run: Run): readonly Bindable[] {
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
    run.startedAt,
    run.endedAt,
    run.result,
    slotOf(run.state),
    pauseTextOf(run.state),
    !isTerminal(run.state.type),
  ];
}

// A statement for each row: it stays prepared, and costs less than taking 21 columns out of JSON.
const INSERT_RUN = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, due_at,
    attempt, failures, crashes, parameters, tags, schedule_key, scheduled_for,
    idempotency_key, parent_id, generation, created_at, priority, exclusive, backfill, open)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT DO NOTHING`;

const UPDATE_RUN = `
  UPDATE run SET rev = ?3, state_type = ?4, state_name = ?5, message = ?6, state_at = ?7, due_at = ?8, error = ?9,
    attempt = ?10, failures = ?11, crashes = ?12, started_at = ?13, ended_at = ?14, result = ?15, slot = ?16, pause = ?17,
    open = ?18
  WHERE no = ?1 AND rev = ?2`;

const COMPLETE_RUN = `
  UPDATE run SET rev = ?3, state_type = 'COMPLETED', state_name = ?4, message = ?5, state_at = ?6, attempt = ?7,
    started_at = ?8, ended_at = ?9, result = ?10, open = 0
  WHERE no = ?1 AND rev = ?2`;

const CLAIM_RUN = `
  UPDATE run SET rev = ?3, state_type = 'PENDING', state_name = ?4, message = ?5, state_at = ?6, due_at = NULL, slot = NULL
  WHERE no = ?1 AND rev = ?2`;
