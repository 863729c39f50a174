import type { DeliveryStatus } from "../domain/delivery.ts";
import type { Bindable } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { type Way, waysTo } from "./delivery-ways.ts";
import type { DeliveryFilter } from "./run-history.ts";
import type { Tally } from "./tally.ts";

/** A filter that no index knows is held against at most so many rows for one page. */
const LOOKED_AT_MAX = 20_000;
/** Numbers follow time only nearly: deliveries of one moment may be written by several commits. */
const SLACK = 10_000;
const LAST_MS = 0xffff_ffff_ffff;

export interface NumberQuery {
  readonly filter: DeliveryFilter;
  readonly order: "newest" | "oldest";
  /** Where the page before ended. */
  readonly cursor?: number;
  readonly limit: number;
}

/** Numbers of deliveries; there may be more after `next` even where fewer than asked for were found. */
export interface NumberPage {
  readonly nos: readonly number[];
  readonly next?: number;
}

export interface Reading {
  readonly reader: Connection;
  readonly tally: Tally;
}

/**
 * The numbers of the deliveries that a filter lets through, a page at a time. Each of the ways to them follows
 * an index in the order of numbers, so that a million rows beside them cost nothing; what no index knows is
 * looked for among a bounded number of rows, and the next page goes on from there.
 */
export function pageNumbers(reading: Reading, query: NumberQuery): NumberPage {
  const range = rangeOf(reading.reader, query);
  if (range === undefined) return { nos: [] };
  const sign = query.order === "newest" ? -1 : 1;
  const streams = waysTo(reading, query.filter).map((way) =>
    follow(reading, way, { query, range }),
  );
  const ends = streams.flatMap(({ end }) => (end === undefined ? [] : [end * sign]));
  const horizon = Math.min(...ends);
  const found = streams
    .flatMap(({ nos }) => nos)
    .filter((no) => no * sign <= horizon)
    .sort((a, b) => (a - b) * sign);
  const nos = found.slice(0, query.limit);
  const next = found.length > nos.length ? nos.at(-1) : horizon * sign;
  return { nos, ...(next === undefined || !Number.isFinite(next) ? {} : { next }) };
}

/** All of them, a page at a time; pages may be empty, so that whoever goes on may pause in between. */
export function* pagesOfNumbers(
  reading: Reading,
  query: NumberQuery,
): Generator<readonly number[], void> {
  let cursor = query.cursor;
  do {
    const page = pageNumbers(reading, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    yield page.nos;
    cursor = page.next;
  } while (cursor !== undefined);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Between which numbers the deliveries of a time lie; undefined where there are none. An id begins with its time. */
function rangeOf(reader: Connection, { filter, order, cursor }: NumberQuery): Range | undefined {
  const { since, until } = filter;
  const first = since === undefined ? 0 : noBeside(reader, "FROM", since);
  const last = until === undefined ? Number.MAX_SAFE_INTEGER : noBeside(reader, "BEFORE", until);
  if (first === undefined || last === undefined) return undefined;
  const from = since === undefined ? 0 : first - SLACK;
  const to = until === undefined ? last : last + SLACK;
  if (cursor === undefined) return { from, to };
  return order === "newest"
    ? { from, to: Math.min(to, cursor - 1) }
    : { from: Math.max(from, cursor + 1), to };
}

const BESIDE = {
  FROM: "SELECT no FROM delivery WHERE id >= ? ORDER BY id LIMIT 1",
  BEFORE: "SELECT no FROM delivery WHERE id < ? ORDER BY id DESC LIMIT 1",
};

function noBeside(reader: Connection, side: keyof typeof BESIDE, ms: number): number | undefined {
  const time = Math.min(Math.max(Math.ceil(ms), 0), LAST_MS)
    .toString(16)
    .padStart(12, "0");
  const [row] = reader.all<{ no: number }>(BESIDE[side], [`${time.slice(0, 8)}-${time.slice(8)}`]);
  return row?.no;
}

interface Stream {
  readonly nos: readonly number[];
  /** Set where only a part was looked at: where it ended. */
  readonly end?: number;
}

interface Asked {
  readonly query: NumberQuery;
  readonly range: Range;
}

function follow({ reader }: Reading, way: Way, { query, range }: Asked): Stream {
  const { filter, order, limit } = query;
  const direction = order === "newest" ? "DESC" : "ASC";
  const inner = `SELECT d.no FROM delivery d ${way.index} WHERE ${way.where} AND d.no BETWEEN ? AND ? ORDER BY d.no ${direction} LIMIT ${LOOKED_AT_MAX}`;
  const within: readonly Bindable[] = [...way.parameters, range.from, range.to];
  const rest = restOf(filter, way);
  const nos = reader
    .all<{ no: number }>(
      `SELECT w.no FROM (${inner}) w CROSS JOIN delivery d ON d.no = w.no ${rest.joins} WHERE ${rest.where} LIMIT ?`,
      [...within, ...rest.parameters, limit + 1],
    )
    .map(({ no }) => no);
  if (nos.length > limit) return { nos };
  const furthest = order === "newest" ? "min" : "max";
  const [looked] = reader.all<{ count: number; end: number | null }>(
    `SELECT count(*) AS count, ${furthest}(no) AS end FROM (${inner})`,
    within,
  );
  if (looked === undefined || looked.end === null || looked.count < LOOKED_AT_MAX) return { nos };
  return { nos, end: looked.end };
}

interface Rest {
  readonly joins: string;
  readonly where: string;
  readonly parameters: readonly Bindable[];
}

/** What is held against each row that a way leads to. */
function restOf({ statuses, flow, moment, since, until }: DeliveryFilter, way: Way): Rest {
  const tests: (readonly [sql: string, parameter: Bindable])[] = [];
  if (statuses !== undefined && !way.knowsStatus)
    tests.push(["d.status IN (SELECT value FROM json_each(?))", json(statuses)]);
  if (way.hookNos !== undefined)
    tests.push(["d.hook_no IN (SELECT value FROM json_each(?))", json(way.hookNos)]);
  if (flow !== undefined) tests.push(["coalesce(r.flow, c.flow) = ?", flow]);
  if (moment !== undefined) tests.push(["d.moment = ?", moment]);
  if (since !== undefined) tests.push(["d.created_at >= ?", since]);
  if (until !== undefined) tests.push(["d.created_at < ?", until]);
  return {
    joins: flow === undefined ? "" : JOINS,
    where: tests.length === 0 ? "true" : tests.map(([sql]) => sql).join(" AND "),
    parameters: tests.map(([, parameter]) => parameter),
  };
}

const JOINS = "LEFT JOIN run r ON r.no = d.run_no LEFT JOIN decision c ON c.no = d.decision_no";

function json(values: readonly (DeliveryStatus | number)[]): string {
  return JSON.stringify(values);
}
