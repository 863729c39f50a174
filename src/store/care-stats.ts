import { statSync } from "node:fs";
import type { FlowStats, StoreStats, TableStats } from "../domain/store-care.ts";
import type { Connection } from "./connection.ts";

/** Counts what is in a store. Reads every page of it once: not for a thread that others wait for. */
export function statsOf(connection: Connection): StoreStats {
  const { path } = connection;
  const flows = connection.all<FlowRow>(FLOWS).map(flowOf);
  const [span] = connection.all<{ oldest: number | null; newest: number | null }>(SPAN);
  return {
    path,
    version: pragma(connection, "user_version"),
    sizeBytes: sizeOf(path),
    walBytes: sizeOf(`${path}-wal`),
    freeBytes: pragma(connection, "freelist_count") * pragma(connection, "page_size"),
    tables: tablesOf(connection),
    flows,
    ...timeOf("oldestRunAt", span?.oldest),
    ...timeOf("newestRunAt", span?.newest),
  };
}

export function pragma(connection: Connection, name: string): number {
  const [row] = connection.all<Record<string, number>>(`PRAGMA ${name}`);
  return Object.values(row ?? {})[0] ?? 0;
}

export function countRows(connection: Connection, table: string): number {
  return connection.all<{ rows: number }>(`SELECT count(*) AS rows FROM "${table}"`)[0]?.rows ?? 0;
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function tablesOf(connection: Connection): readonly TableStats[] {
  const sizes = new Map(
    connection
      .all<{ name: string; bytes: number }>(SIZES)
      .map(({ name, bytes }) => [name, bytes] as const),
  );
  return connection
    .all<{ name: string }>(TABLES)
    .map(({ name }) => ({
      table: name,
      rows: countRows(connection, name),
      bytes: sizes.get(name) ?? 0,
    }))
    .toSorted((one, other) => other.bytes - one.bytes);
}

interface FlowRow {
  readonly flow: string;
  readonly runs: number;
  readonly oldest: number;
  readonly newest: number;
}

function flowOf({ flow, runs, oldest, newest }: FlowRow): FlowStats {
  return { flow, runs, oldestAt: isoAt(oldest), newestAt: isoAt(newest) };
}

function timeOf<Name extends string>(name: Name, at: number | null | undefined) {
  if (at === undefined || at === null) return {};
  return { [name]: isoAt(at) } as { readonly [Key in Name]: string };
}

function isoAt(at: number): string {
  return new Date(at).toISOString();
}

const TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

const SIZES = `
  SELECT s.tbl_name AS name, sum(d.pgsize) AS bytes
  FROM dbstat AS d JOIN sqlite_schema AS s ON s.name = d.name
  WHERE d.aggregate = TRUE GROUP BY 1`;

// By the index alone: numbers grow with time, so the first and the last run of a flow are found by theirs.
const FLOWS = `
  SELECT f.flow, f.runs, o.created_at AS oldest, n.created_at AS newest
  FROM (SELECT flow, count(*) AS runs, min(no) AS first, max(no) AS last FROM run GROUP BY flow) AS f
  JOIN run AS o ON o.no = f.first JOIN run AS n ON n.no = f.last
  ORDER BY f.runs DESC, f.flow`;

const SPAN = `
  SELECT (SELECT created_at FROM run ORDER BY no LIMIT 1) AS oldest,
    (SELECT created_at FROM run ORDER BY no DESC LIMIT 1) AS newest`;
