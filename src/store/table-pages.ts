import type { Connection } from "./connection.ts";
import type { Bound } from "./recording.ts";

/** A table of a store, as it is read in pages. */
export interface PagedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of its primary key, in the order of that. */
  readonly keys: readonly string[];
}

export type PagedRow = Readonly<Record<string, Bound>>;

const ROWS_PER_READ = 500;

export function tablesIn(connection: Connection): readonly PagedTable[] {
  const names = connection.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  );
  return names.map(({ name }) => {
    const columns = connection.all<{ name: string; pk: number }>(
      "SELECT name, pk FROM pragma_table_info(?)",
      [name],
    );
    const keys = columns.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk);
    return {
      name,
      columns: columns.map((column) => column.name),
      keys: keys.map((column) => column.name),
    };
  });
}

/** Reads the rows after the last one of the page before, in the order of the key. */
export function pageStatement(
  { name, columns, keys }: PagedTable,
  { last, limit }: { readonly last: PagedRow | undefined; readonly limit: number },
): { readonly sql: string; readonly parameters: readonly Bound[] } {
  const order = keys.map(quoted).join(", ");
  const after = last === undefined ? "" : `WHERE (${order}) > (${keys.map(() => "?").join(", ")})`;
  const from = last === undefined ? [] : keys.map((key) => last[key] ?? null);
  return {
    sql: `SELECT ${columns.map(quoted).join(", ")} FROM ${name} ${after} ORDER BY ${order} LIMIT ?`,
    parameters: [...from, limit],
  };
}

/** All rows of a table of ours, each as a JSON array, so many at a time that they are not longer than wanted. */
export function* pagesOf(
  connection: Connection,
  table: PagedTable,
  charactersMax: number,
): Generator<readonly string[]> {
  let page: string[] = [];
  let characters = 0;
  for (const row of rowsOf(connection, table)) {
    const text = JSON.stringify(table.columns.map((column) => row[column] ?? null));
    if (page.length > 0 && characters + text.length > charactersMax) {
      yield page;
      page = [];
      characters = 0;
    }
    page.push(text);
    characters += text.length + 1;
  }
  if (page.length > 0) yield page;
}

export function quoted(name: string): string {
  return `"${name}"`;
}

function* rowsOf(connection: Connection, table: PagedTable): Generator<PagedRow> {
  let last: PagedRow | undefined;
  for (;;) {
    const { sql, parameters } = pageStatement(table, { last, limit: ROWS_PER_READ });
    const rows = connection.all<PagedRow>(sql, parameters);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < ROWS_PER_READ) return;
  }
}
