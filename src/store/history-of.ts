import type { Kysely } from "kysely";
import type { LogLevel } from "../domain/executor.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import { numbersNamed } from "../domain/readable-name.ts";
import type { Run } from "../domain/run.ts";
import { type StateView, stateView, type TaskRunView, taskRunView } from "../domain/run-view.ts";
import type { Connection } from "./connection.ts";
import { pageDecisions } from "./decision-list.ts";
import { deliveriesOfRun, findDelivery, pageDeliveries } from "./delivery-history.ts";
import { kyselyOver } from "./dialect.ts";
import { hookRecords, keysByNumber } from "./hook-records.ts";
import { latestRuns, outcomesOf, recentRuns } from "./recent-runs.ts";
import { present, runOfRow, stateOfRow, taskRunOfRow } from "./rows.ts";
import type { LogQuery, LogView, RunHistory, TransitionView } from "./run-history.ts";
import { listRuns } from "./run-list.ts";
import type { Tables } from "./tables.ts";
import { createTally, type Tally } from "./tally.ts";

const PREFIX_MIN = 6;
/** Runs of one name that are looked at: with 36,000 names, the newest of 18 million runs. */
const NAMESAKES_MAX = 500;
const ID_PREFIX = /^[0-9a-f][0-9a-f-]+$/i;
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

type Db = Kysely<Tables>;

/** The reads for people, over a connection of their own. */
export function historyOf(reader: Connection, tally: Tally = createTally()): RunHistory {
  const db = kyselyOver(reader);
  return {
    findRun: (reference) => findRun(db, reference),
    listRuns: (query) => listRuns(reader, query),
    listTransitions: (run) => listTransitions(db, run),
    listTaskRuns: (run) => listTaskRuns(db, run),
    listLogs: (run, query) => listLogs(db, run, query),
    listDeliveries: async (run) => deliveriesOfRun(reader, run.no),
    pageDeliveries: async (query) => {
      await tally.ready(reader);
      return pageDeliveries({ reader, tally }, query);
    },
    findDelivery: async (reference) => findDelivery(reader, reference),
    hookKeys: async () => [...keysByNumber(reader).values()],
    hookRecords: async () => {
      await tally.ready(reader);
      return await hookRecords({ reader, tally });
    },
    pageDecisions: async (query) => pageDecisions(reader, query),
    counts: async () => {
      await tally.ready(reader);
      return tally.read(reader);
    },
    recentRuns: async (flow, limit) => recentRuns(reader, flow, limit),
    outcomes: async (flow, query) => outcomesOf(reader, flow, query),
    latestRuns: async () => latestRuns(reader),
  };
}

async function findRun(db: Db, reference: string): Promise<Run | "ambiguous" | undefined> {
  const byId = await db
    .selectFrom("run")
    .selectAll()
    .where("id", "=", reference)
    .executeTakeFirst();
  if (byId !== undefined) return runOfRow(byId);
  const byName = await findByName(db, reference);
  if (byName !== undefined) return byName;
  return reference.length >= PREFIX_MIN && ID_PREFIX.test(reference)
    ? findByPrefix(db, reference)
    : undefined;
}

async function findByName(db: Db, name: string): Promise<Run | undefined> {
  const last = await db
    .selectFrom("run")
    .select(({ fn }) => fn.max("no").as("no"))
    .executeTakeFirst();
  const numbers = numbersNamed(name, last?.no ?? 0).slice(0, NAMESAKES_MAX);
  if (numbers.length === 0) return undefined;
  const row = await db
    .selectFrom("run")
    .selectAll()
    .where("no", "in", numbers)
    .where("name", "=", name)
    .orderBy("no", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : runOfRow(row);
}

async function findByPrefix(db: Db, prefix: string): Promise<Run | "ambiguous" | undefined> {
  const [first, second] = await db
    .selectFrom("run")
    .selectAll()
    .where("id", ">=", prefix)
    .where("id", "<", `${prefix}g`)
    .limit(2)
    .execute();
  if (second !== undefined) return "ambiguous";
  return first === undefined ? undefined : runOfRow(first);
}

async function listTransitions(db: Db, run: Run): Promise<readonly TransitionView[]> {
  const rows = await db
    .selectFrom("transition as t")
    .leftJoin("task_run as k", "k.no", "t.task_no")
    .select([
      "t.seq",
      "t.attempt",
      "t.type",
      "t.name",
      "t.message",
      "t.at",
      "t.due_at",
      "t.error",
      "k.id as task_run",
      "k.task",
      "k.parent",
    ])
    .where("t.run_no", "=", run.no)
    .orderBy("t.seq")
    .execute();
  return rows.map((row) => ({
    seq: row.seq,
    attempt: row.attempt,
    state: transitionState(row),
    ...present("taskRun", row.task_run),
    ...present("task", row.task),
    ...present("parent", row.parent),
  }));
}

interface TransitionColumns {
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly at: number;
  readonly due_at: number | null;
  readonly error: string | null;
}

function transitionState(row: TransitionColumns): StateView {
  const { type, name, message, at, due_at, error } = row;
  return stateView(
    stateOfRow({ state_type: type, state_name: name, message, state_at: at, due_at, error }),
  );
}

async function listTaskRuns(db: Db, run: Run): Promise<readonly TaskRunView[]> {
  const rows = await db
    .selectFrom("task_run")
    .selectAll()
    .where("run_no", "=", run.no)
    .orderBy("no")
    .execute();
  return rows.map((row) => taskRunView(taskRunOfRow(row)));
}

async function listLogs(db: Db, run: Run, query: LogQuery): Promise<readonly LogView[]> {
  const fromEnd = query.tail !== undefined;
  let lines = db
    .selectFrom("log")
    .selectAll()
    .where("run_no", "=", run.no)
    .orderBy("no", fromEnd ? "desc" : "asc")
    .limit(Math.min(query.tail ?? query.limit, query.limit));
  if (query.after !== undefined) lines = lines.where("no", ">", query.after);
  if (query.level !== undefined)
    lines = lines.where("level", "in", LEVELS.slice(LEVELS.indexOf(query.level)));
  const rows = await lines.execute();
  const views = rows.map((row) => ({
    no: row.no,
    at: isoOf(row.at as Instant),
    level: row.level as LogLevel,
    attempt: row.attempt,
    text: row.text,
    ...present("taskRun", row.task_run),
  }));
  return fromEnd ? views.reverse() : views;
}
