import type { Run } from "../domain/run.ts";
import { STATE_NAMES, STATE_TYPES, type StateType } from "../domain/state.ts";
import { type Bindable, rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { runOfRow } from "./rows.ts";
import type { Filter, RunQuery } from "./run-history.ts";
import type { RunTable } from "./tables.ts";

/** Rows that are looked at before others get their turn: at first as many as a page may need, then more. */
const LOOKED_AT_FIRST = 2_000;
const LOOKED_AT_MAX = 5_000;
/** More values than this are not followed one by one. */
const WAYS_MAX = 16;
/** Numbers follow time only nearly: a clock may be put back a little. */
const SLACK = 1_000;
const LAST_MS = 0xffff_ffff_ffff;

/**
 * Runs newest first, a page at a time: the page after begins before the last one's number. An index is followed
 * in the order of numbers where one fits, so that a million runs beside those asked for cost nothing; whatever
 * else is asked is held against a few rows at a time, so that nobody else waits for a filter that fits few.
 */
export async function listRuns(reader: Connection, query: RunQuery): Promise<readonly Run[]> {
  const range = rangeOf(reader, query);
  const ways = waysTo(reader, query);
  const runs: RunTable[] = [];
  let { to } = range;
  let lookedAt = LOOKED_AT_FIRST;
  while (to >= range.from) {
    const left = query.limit - runs.length;
    const parts = ways.map((way) =>
      follow(reader, way, { query, range: { ...range, to }, left, lookedAt }),
    );
    // Below the highest end there may be runs that one of the ways has not come to yet.
    const horizon = Math.max(...parts.map(({ end }) => end));
    const found = parts.flatMap(({ rows }) => rows).filter(({ no }) => no >= horizon);
    runs.push(...distinct(found.sort((a, b) => b.no - a.no)).slice(0, left));
    if (runs.length >= query.limit) break;
    to = horizon - 1;
    lookedAt = LOOKED_AT_MAX;
    if (to >= range.from) await new Promise((resolve) => setImmediate(resolve));
  }
  return runs.map(runOfRow);
}

/** A run with two of the tags asked for is on two of the ways. */
function distinct(sorted: readonly RunTable[]): readonly RunTable[] {
  return sorted.filter(({ no }, index) => no !== sorted[index - 1]?.no);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Between which numbers the runs of a time lie: an id begins with its time. */
function rangeOf(reader: Connection, { since, until, before }: RunQuery): Range {
  const from = since === undefined ? 0 : noBeside(reader, "FROM", since);
  const to = until === undefined ? undefined : noBeside(reader, "BEFORE", until);
  const last = before === undefined ? Number.MAX_SAFE_INTEGER : before - 1;
  return {
    from: from === undefined ? Number.POSITIVE_INFINITY : Math.max(0, from - SLACK),
    to: until === undefined ? last : Math.min(last, (to ?? -SLACK) + SLACK),
  };
}

const BESIDE = {
  FROM: "SELECT no FROM run WHERE id >= ? ORDER BY id LIMIT 1",
  BEFORE: "SELECT no FROM run WHERE id < ? ORDER BY id DESC LIMIT 1",
};

/** The number of the run that was made first from a time on, or last before it. */
export function noBeside(
  reader: Connection,
  side: keyof typeof BESIDE,
  ms: number,
): number | undefined {
  const time = Math.min(Math.max(Math.ceil(ms), 0), LAST_MS)
    .toString(16)
    .padStart(12, "0");
  const [row] = reader.all<{ no: number }>(BESIDE[side], [`${time.slice(0, 8)}-${time.slice(8)}`]);
  return row?.no;
}

/** An index to follow, in which rows of one value are in the order of their numbers. */
interface Way {
  readonly from: string;
  readonly no: string;
  readonly where: string;
  readonly parameters: readonly Bindable[];
}

const ANY: Way = { from: "run NOT INDEXED", no: "no", where: "true", parameters: [] };

/** By child, tag, flow or state, whichever is likely to fit fewest; or all runs. */
function waysTo(reader: Connection, { parent, tags, flows, states }: RunQuery): readonly Way[] {
  const along = (from: string, column: string, value: string): Way => {
    const no = from.startsWith("run_tag") ? "run_no" : "no";
    return { from, no, where: `${column} = ?`, parameters: [value] };
  };
  const few = (filter: readonly string[] = []) => filter.length > 0 && filter.length <= WAYS_MAX;
  if (parent !== undefined) return [along("run INDEXED BY run_children", "parent_id", parent)];
  if (few(tags?.include)) return (tags?.include ?? []).map((tag) => along("run_tag", "tag", tag));
  const types = typesFitting(states);
  const byState = () =>
    types.map((type) => along("run INDEXED BY run_by_state", "state_type", type));
  if (few(flows?.include) && !areFew(reader, types)) {
    const distinct = [...new Set(flows?.include)];
    return distinct.map((flow) => along("run INDEXED BY run_by_flow", "flow", flow));
  }
  return types.includes("COMPLETED") ? [ANY] : byState();
}

/** Whether so few runs are in these states that the first look finds all of them. */
function areFew(reader: Connection, types: readonly StateType[]): boolean {
  if (types.includes("COMPLETED")) return false;
  const [row] = reader.all<{ count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM run INDEXED BY run_by_state
     WHERE state_type IN (SELECT value FROM json_each(?)) LIMIT ${LOOKED_AT_FIRST})`,
    [rowsJson(types)],
  );
  return row !== undefined && row.count < LOOKED_AT_FIRST;
}

/** The types that runs of these states have. */
function typesFitting({ include = [], exclude = [] }: Partial<Filter<string>> = {}) {
  const isFit = (type: StateType) =>
    include.length === 0 || [type, ...STATE_NAMES[type]].some((state) => include.includes(state));
  return STATE_TYPES.filter((type) => isFit(type) && !exclude.includes(type));
}

interface Following {
  readonly query: RunQuery;
  readonly range: Range;
  readonly left: number;
  readonly lookedAt: number;
}

/** The next runs on one way, and down to which number it was looked at. */
function follow(
  reader: Connection,
  { from, no, where, parameters }: Way,
  { query, range, left, lookedAt }: Following,
): { readonly rows: readonly RunTable[]; readonly end: number } {
  const { to } = range;
  const within = [...parameters, range.from, to, lookedAt];
  const inner = `SELECT ${no} AS no FROM ${from} WHERE ${where} AND ${no} BETWEEN ? AND ? ORDER BY ${no} DESC LIMIT ?`;
  const tests = testsOf(query);
  const rows = reader.all<RunTable>(
    `SELECT run.* FROM (${inner}) AS w CROSS JOIN run ON run.no = w.no WHERE ${tests.where} LIMIT ?`,
    [...within, ...tests.parameters, left],
  );
  const last = rows.at(-1);
  if (rows.length >= left && last !== undefined) return { rows, end: last.no };
  const [looked] = reader.all<{ count: number; end: number | null }>(
    `SELECT count(*) AS count, min(no) AS end FROM (${inner})`,
    within,
  );
  const isCut = looked !== undefined && looked.count >= lookedAt;
  return { rows, end: isCut ? (looked.end ?? range.from) : range.from };
}

type Test = readonly [sql: string, ...parameters: readonly Bindable[]];

/** What is held against each run that a way leads to. */
function testsOf(query: RunQuery) {
  const { since, until, text = "", parent } = query;
  const tests: readonly Test[] = [
    ...(since === undefined ? [] : [["run.created_at >= ?", since] as const]),
    ...(until === undefined ? [] : [["run.created_at < ?", until] as const]),
    ...(parent === undefined ? [] : [["run.parent_id = ?", parent] as const]),
    ...(text === "" ? [] : [withText(text)]),
    ...listed(query.flows, (list) => ["run.flow IN (SELECT value FROM json_each(?))", list]),
    ...listed(query.states, (list) => [STATE_IN, list, list]),
    ...listed(query.tags, (list) => [TAG_IN, list]),
  ];
  return {
    where: tests.length === 0 ? "true" : tests.map(([sql]) => sql).join(" AND "),
    parameters: tests.flatMap(([, ...parameters]) => parameters),
  };
}

/** A state is given by its type or by its name. */
const STATE_IN =
  "(run.state_type IN (SELECT value FROM json_each(?)) OR run.state_name IN (SELECT value FROM json_each(?)))";
const TAG_IN =
  "EXISTS (SELECT 1 FROM json_each(run.tags) AS tag WHERE tag.value IN (SELECT value FROM json_each(?)))";

function withText(text: string): Test {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return ["(run.name LIKE ? ESCAPE '\\' OR run.flow LIKE ? ESCAPE '\\')", pattern, pattern];
}

function listed(
  { include = [], exclude = [] }: Partial<Filter<string>> = {},
  test: (list: string) => Test,
): readonly Test[] {
  const [sql, ...excluded] = test(rowsJson(exclude));
  return [
    ...(include.length === 0 ? [] : [test(rowsJson(include))]),
    ...(exclude.length === 0 ? [] : [[`NOT ${sql}`, ...excluded] as const]),
  ];
}
