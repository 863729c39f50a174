import type { Bindable } from "./bind.ts";
import type { Connection } from "./connection.ts";

/** Rows that one statement takes: measured, a row costs half of what it does out of JSON or by itself. */
const TOGETHER = 16;

export type Row = readonly Bindable[];

/** Writes rows, each with a value for every column, in their order. */
export type RowWriter = (connection: Connection, rows: readonly Row[]) => void;

/** `tail` is what follows the values, such as what to do about a conflict. */
export function rowWriter(table: string, columns: readonly string[], tail = ""): RowWriter {
  const values = `(${columns.map(() => "?").join(", ")})`;
  const insert = (rows: number) =>
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${Array(rows).fill(values).join(", ")} ${tail}`;
  const [many, one] = [insert(TOGETHER), insert(1)];
  return (connection, rows) => {
    const whole = rows.length - (rows.length % TOGETHER);
    for (let from = 0; from < whole; from += TOGETHER)
      connection.run(many, rows.slice(from, from + TOGETHER).flat());
    for (const row of rows.slice(whole)) connection.run(one, row);
  };
}
