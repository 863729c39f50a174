import { renameSync, rmSync, statSync } from "node:fs";
import { admitStoreFile, type SelfCommand } from "./admit-file.ts";
import { type Connection, type FileConnection, openConnection } from "./connection.ts";
import { type CopyMark, findMark } from "./copy-mark.ts";
import { migrate } from "./migrate.ts";
import { type Remote, RemoteFailure } from "./remote-client.ts";
import { persistently } from "./remote-hold.ts";
import { type PagedRow, type PagedTable, pageStatement, quoted, tablesIn } from "./table-pages.ts";

const ROWS_FIRST = 1_000;
const ROWS_MOST = 10_000;
/** What a page should be large: servers answer a few megabytes at once, not more. */
const PAGE_BYTES = 1024 * 1024;

/** A working copy that is there, and what it is a copy of. */
export interface FoundCopy {
  readonly connection: FileConnection;
  readonly mark: CopyMark;
}

/** The copy that an earlier daemon left; undefined where there is none, or none that can be used. */
export function findCopy(path: string, self: SelfCommand): FoundCopy | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  let connection: FileConnection | undefined;
  try {
    admitStoreFile(path, self);
    connection = openConnection(path, "writer");
    const mark = findMark(connection);
    if (mark !== undefined) return { connection, mark };
  } catch {
    // It is only a copy: another one is fetched.
  }
  connection?.close();
  return undefined;
}

/** Fetches all rows into a new file and puts it in the place of the copy that is there. */
export async function fetchCopy(
  remote: Remote,
  path: string,
  onPage: () => Promise<void>,
): Promise<FileConnection> {
  const draft = `${path}.fetching`;
  removeFiles(draft);
  const connection = openConnection(draft, "writer");
  try {
    migrate(connection, draft);
    // What they did at the server comes with the rows.
    const triggers = triggersIn(connection);
    for (const { name } of triggers) connection.script(`DROP TRIGGER ${quoted(name)}`);
    for (const table of tablesIn(connection)) {
      await fetchTable({ remote, connection, onPage }, table);
    }
    for (const { sql } of triggers) connection.script(sql);
    connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    connection.close();
  }
  removeFiles(path);
  renameSync(draft, path);
  removeFiles(draft);
  return openConnection(path, "writer");
}

function triggersIn(connection: Connection): readonly { name: string; sql: string }[] {
  return connection.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
}

interface Fetching {
  readonly remote: Remote;
  readonly connection: Connection;
  readonly onPage: () => Promise<void>;
}

async function fetchTable(
  { remote, connection, onPage }: Fetching,
  table: PagedTable,
): Promise<void> {
  const { name, columns } = table;
  const marks = columns.map(() => "?").join(", ");
  const insert = `INSERT INTO ${name} (${columns.map(quoted).join(", ")}) VALUES (${marks})`;
  let limit = ROWS_FIRST;
  let last: PagedRow | undefined;
  for (;;) {
    const page = await pageAfter(remote, table, { last, limit });
    connection.transaction(() => {
      for (const row of page.rows)
        connection.run(
          insert,
          columns.map((column) => row[column]),
        );
    });
    await onPage();
    last = page.rows.at(-1);
    if (page.rows.length < page.limit) return;
    limit = fitting(page.rows, page.limit);
  }
}

interface Page {
  readonly rows: readonly PagedRow[];
  readonly limit: number;
}

/** Fewer rows than wanted where so many are too much for one answer. */
async function pageAfter(
  remote: Remote,
  table: PagedTable,
  { last, limit }: { readonly last: PagedRow | undefined; readonly limit: number },
): Promise<Page> {
  const { sql, parameters } = pageStatement(table, { last, limit });
  try {
    return { rows: await persistently(() => remote.all<PagedRow>(sql, parameters)), limit };
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.kind !== "too-large" || limit === 1) throw error;
    return await pageAfter(remote, table, { last, limit: Math.ceil(limit / 4) });
  }
}

function fitting(rows: readonly PagedRow[], limit: number): number {
  const bytes = rows.reduce((sum, row) => sum + JSON.stringify(Object.values(row)).length, 0);
  return Math.max(1, Math.min(ROWS_MOST, Math.floor((limit * PAGE_BYTES) / Math.max(1, bytes))));
}

function removeFiles(path: string): void {
  for (const side of ["", "-wal", "-shm"]) rmSync(`${path}${side}`, { force: true });
}
