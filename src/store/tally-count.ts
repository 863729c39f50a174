import { STATE_TYPES } from "../domain/state.ts";
import { type Connection, openConnection } from "./connection.ts";

/** How many runs by state type, and how many deliveries by the hook's number and the status, as in "7 dead". */
export interface Counted {
  readonly runs: Map<string, number>;
  readonly deliveries: Map<string, number>;
}

/** Rows that one step counts: a few milliseconds. */
const PER_STEP = 20_000;
/** How long is counted before others get their turn. */
const STEP_MS = 4;

/** A count under way: of what was committed when it began, with what has moved since beside it. */
export interface Counting {
  readonly moved: Counted;
  /** Goes on for a moment; answers whether it came to its end. */
  step(): boolean;
  /** Counts the rest, and adds what has moved. */
  end(): Counted;
  close(): void;
}

/** On a connection of its own, whose view of the store stays as it was when the count began. */
export function beginCounting(path: string): Counting {
  const connection = openConnection(path, "reader");
  connection.script("BEGIN");
  const rows = countRows(connection);
  const moved: Counted = { runs: new Map(), deliveries: new Map() };
  let found: Counted | undefined;
  const next = () => {
    const { done, value } = rows.next();
    if (done === true) found = value;
  };
  // A connection that is closed amid a transaction keeps its lock, and whoever stops then leaves a WAL behind.
  const close = () => {
    connection.script("ROLLBACK");
    connection.close();
  };
  // The first read is what the view of the store is taken by.
  next();
  return {
    moved,
    close,
    step() {
      const until = performance.now() + STEP_MS;
      while (found === undefined && performance.now() < until) next();
      return found !== undefined;
    },
    end() {
      while (found === undefined) next();
      close();
      add(found.runs, moved.runs);
      add(found.deliveries, moved.deliveries);
      return found;
    },
  };
}

function add(counts: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, count] of more) counts.set(name, (counts.get(name) ?? 0) + count);
}

export function countAtOnce(connection: Connection): Counted {
  const rows = countRows(connection);
  for (;;) {
    const { done, value } = rows.next();
    if (done === true) return value;
  }
}

/** Counts by indexes alone, and comes up for air after each step. */
function* countRows(connection: Connection): Generator<void, Counted> {
  const runs = new Map<string, number>();
  for (const type of STATE_TYPES) {
    runs.set(type, yield* countAlong(connection, RUNS_OF_STATE, type));
  }
  const others = new Map<string, number>();
  for (const status of ["retrying", "dead", "dropped"]) {
    yield* addUndelivered(connection, status, others);
  }
  const deliveries = new Map<string, number>();
  for (const { no } of connection.all<{ no: number }>("SELECT no FROM hook")) {
    const all = yield* countAlong(connection, DELIVERIES_OF_HOOK, no);
    const due = connection.all<{ count: number }>(DUE_OF_HOOK, [no])[0]?.count ?? 0;
    const other = (status: string) => others.get(`${no} ${status}`) ?? 0;
    const over = other("dead") + other("dropped");
    // What is due is pending or retrying, and what is neither due nor dead nor dropped was delivered.
    deliveries.set(`${no} pending`, due - other("retrying"));
    deliveries.set(`${no} retrying`, other("retrying"));
    deliveries.set(`${no} dead`, other("dead"));
    deliveries.set(`${no} dropped`, other("dropped"));
    deliveries.set(`${no} delivered`, all - due - over);
    yield;
  }
  return { runs, deliveries };
}

interface Step {
  readonly count: number;
  readonly last: number | null;
}

/** Counts the rows of one value in an index, in the order of their numbers. */
function* countAlong(
  connection: Connection,
  sql: string,
  value: string | number,
): Generator<void, number> {
  let total = 0;
  for (let after = 0; ; ) {
    const [step] = connection.all<Step>(sql, [value, after, PER_STEP]);
    total += step?.count ?? 0;
    if (step === undefined || step.count < PER_STEP || step.last === null) return total;
    after = step.last;
    yield;
  }
}

const RUNS_OF_STATE = `SELECT count(*) AS count, max(no) AS last FROM
  (SELECT no FROM run INDEXED BY run_by_state WHERE state_type = ? AND no > ? ORDER BY no LIMIT ?)`;
const DELIVERIES_OF_HOOK = `SELECT count(*) AS count, max(no) AS last FROM
  (SELECT no FROM delivery INDEXED BY delivery_by_hook WHERE hook_no = ? AND no > ? ORDER BY no LIMIT ?)`;
const DUE_OF_HOOK =
  "SELECT count(*) AS count FROM delivery INDEXED BY delivery_due WHERE hook_no = ? AND due_at IS NOT NULL";

/** The index knows the status and not the hook: these rows are looked at, and are few in most stores. */
function* addUndelivered(
  connection: Connection,
  status: string,
  counts: Map<string, number>,
): Generator<void, void> {
  for (let after = 0; ; ) {
    const rows = connection.all<Step & { hook_no: number }>(UNDELIVERED, [
      ...[status, after, PER_STEP / 10],
    ]);
    let seen = 0;
    for (const { hook_no, count, last } of rows) {
      const name = `${hook_no} ${status}`;
      counts.set(name, (counts.get(name) ?? 0) + count);
      seen += count;
      after = Math.max(after, last ?? 0);
    }
    if (seen < PER_STEP / 10) return;
    yield;
  }
}

const UNDELIVERED = `SELECT hook_no, count(*) AS count, max(no) AS last FROM
  (SELECT hook_no, no FROM delivery INDEXED BY delivery_undelivered
   WHERE status IN ('retrying','dead','dropped') AND status = ? AND no > ? ORDER BY no LIMIT ?)
  GROUP BY hook_no`;
