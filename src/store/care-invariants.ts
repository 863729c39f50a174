import { STATE_TYPES, type StateType } from "../domain/state.ts";

/** Something that holds for every store at every commit, and the rows (as `ref`) for which it does not. */
export interface Invariant {
  readonly fault: string;
  readonly broken: string;
}

const OVER: readonly StateType[] = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"];

/** Which types may follow which in the life of a run; docs/state-machine.md draws them with their names. */
export const TYPES_AFTER: Readonly<Record<StateType, readonly StateType[]>> = {
  SCHEDULED: ["SCHEDULED", "PENDING", "RUNNING", "CANCELLED", "CRASHED"],
  PENDING: ["RUNNING", "COMPLETED", "FAILED", "CRASHED", "SCHEDULED", "CANCELLING"],
  RUNNING: ["RUNNING", "COMPLETED", "PAUSED", "FAILED", "CRASHED", "SCHEDULED", "CANCELLING"],
  CANCELLING: ["CANCELLED", "CRASHED"],
  PAUSED: ["SCHEDULED", "FAILED", "CANCELLED"],
  COMPLETED: ["SCHEDULED"],
  FAILED: ["SCHEDULED"],
  CRASHED: ["SCHEDULED"],
  CANCELLED: ["SCHEDULED"],
};

const over = OVER.map((type) => `'${type}'`).join(", ");
const arrows = STATE_TYPES.flatMap((from) => TYPES_AFTER[from].map((to) => `'${from} ${to}'`)).join(
  ", ",
);

/** Rows of `table` whose `column` leads to no row of `other`. */
function astray(table: string, column: string, other: { table: string; key?: string }): string {
  const { table: target, key = "no" } = other;
  const leads = `SELECT 1 FROM ${target} AS o WHERE o.${key} = t.${column}`;
  return `SELECT t.${column} AS ref FROM ${table} AS t WHERE t.${column} IS NOT NULL AND NOT EXISTS (${leads})`;
}

const OF_RUN = "SELECT 1 FROM transition AS t WHERE t.run_no = r.no AND t.task_no IS NULL";
const NEWEST = `SELECT t.type || ' ' || t.name FROM transition AS t
  WHERE t.run_no = r.no AND t.task_no IS NULL ORDER BY t.seq DESC LIMIT 1`;
const STEPS = `SELECT run_no, type, lag(type) OVER (PARTITION BY run_no ORDER BY seq) AS before
  FROM transition WHERE task_no IS NULL`;

export const INVARIANTS: readonly Invariant[] = [
  {
    fault: "a run has no transition",
    broken: `SELECT r.id AS ref FROM run AS r WHERE NOT EXISTS (${OF_RUN})`,
  },
  {
    fault: "a run's state is not that of its newest transition",
    broken: `SELECT r.id AS ref FROM run AS r WHERE (${NEWEST}) <> r.state_type || ' ' || r.state_name`,
  },
  {
    fault: "a run is said to be open that is over, or over that is open",
    broken: `SELECT id AS ref FROM run WHERE open <> (state_type NOT IN (${over}))`,
  },
  {
    fault: "a run has more or fewer transitions than steps",
    broken: `SELECT r.id AS ref FROM run AS r JOIN
      (SELECT run_no, count(*) AS steps FROM transition WHERE task_no IS NULL GROUP BY run_no) AS t
      ON t.run_no = r.no WHERE t.steps <> r.rev`,
  },
  {
    fault: "a run went from one state to another that cannot follow it",
    broken: `SELECT run_no || ': ' || coalesce(before, 'nothing') || ' to ' || type AS ref FROM (${STEPS})
      WHERE CASE WHEN before IS NULL THEN type <> 'SCHEDULED' ELSE before || ' ' || type NOT IN (${arrows}) END`,
  },
  {
    fault: "a run is over and has no end",
    broken: `SELECT id AS ref FROM run WHERE state_type IN (${over}) AND ended_at IS NULL`,
  },
  {
    fault: "a run waits for no time",
    broken: "SELECT id AS ref FROM run WHERE state_type = 'SCHEDULED' AND due_at IS NULL",
  },
  {
    fault: "a run is under way and was never started",
    broken: "SELECT id AS ref FROM run WHERE state_type = 'RUNNING' AND started_at IS NULL",
  },
  {
    fault: "a run's parameters or tags are no JSON",
    broken: "SELECT id AS ref FROM run WHERE NOT (json_valid(parameters) AND json_valid(tags))",
  },
  {
    fault: "a delivery is due though it is over, or not due though it is not",
    broken:
      "SELECT id AS ref FROM delivery WHERE (due_at IS NULL) <> (status IN ('delivered', 'dead', 'dropped'))",
  },
  { fault: "a transition is of no run", broken: astray("transition", "run_no", { table: "run" }) },
  {
    fault: "a transition is of no task run",
    broken: astray("transition", "task_no", { table: "task_run" }),
  },
  { fault: "a task run is of no run", broken: astray("task_run", "run_no", { table: "run" }) },
  { fault: "a log line is of no run", broken: astray("log", "run_no", { table: "run" }) },
  { fault: "a delivery is of no run", broken: astray("delivery", "run_no", { table: "run" }) },
  { fault: "a delivery is of no hook", broken: astray("delivery", "hook_no", { table: "hook" }) },
  {
    fault: "a delivery is of no transition",
    broken: astray("delivery", "seq", { table: "transition", key: "seq" }),
  },
  {
    fault: "a delivery is of no decision",
    broken: astray("delivery", "decision_no", { table: "decision" }),
  },
  {
    fault: "an attempt is of no delivery",
    broken: astray("delivery_attempt", "delivery_no", { table: "delivery" }),
  },
  {
    fault: "an input is for no run",
    broken: astray("resume_input", "run_no", { table: "run" }),
  },
];
