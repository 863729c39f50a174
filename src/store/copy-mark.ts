import type { Connection } from "./connection.ts";

/** What a working copy is a copy of, and how far it is. */
export interface CopyMark {
  readonly url: string;
  /** The token of the last commit that is in it. */
  readonly token: string;
  /** The boot that made that commit. */
  readonly boot: string;
}

const KEY = "copy-of";

export function findMark(connection: Connection): CopyMark | undefined {
  const [row] = connection.all<{ value: string }>("SELECT value FROM meta WHERE key = ?", [KEY]);
  return row === undefined ? undefined : (JSON.parse(row.value) as CopyMark);
}

/** To be saved in the transaction that brings the copy so far. */
export function saveMark(connection: Connection, mark: CopyMark): void {
  connection.run(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [KEY, JSON.stringify(mark)],
  );
}

/** Makes it a store of its own: what is written to it from now on, no server knows of. */
export function dropMark(connection: Connection): void {
  connection.run("DELETE FROM meta WHERE key = ?", [KEY]);
}
