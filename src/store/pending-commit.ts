import { readFileSync, writeFileSync } from "node:fs";
import type { Connection } from "./connection.ts";
import type { Bound, Written } from "./recording.ts";

/**
 * The commit that was last sent to the server, kept beside the copy: a daemon that is killed before the copy has
 * it can bring the copy up to date, and need not fetch all of it again. It is not synced: without it, or with
 * half of it, the copy is only fetched.
 */
export interface PendingCommit {
  readonly from: string;
  readonly to: string;
  readonly written: readonly Written[];
}

export function keepPending(copyPath: string, commit: PendingCommit): void {
  try {
    writeFileSync(pendingFile(copyPath), JSON.stringify(commit, withoutBigInts), { mode: 0o600 });
  } catch {
    // Nothing depends on it.
  }
}

/** Does in the copy what the server did last; answers false where that is not what is kept. */
export function catchUpWithPending(
  connection: Connection,
  { from, to }: Pick<PendingCommit, "from" | "to">,
): boolean {
  const pending = readPending(connection.path);
  if (pending?.from !== from || pending.to !== to) return false;
  connection.transaction(() => {
    for (const { sql, parameters } of pending.written) connection.run(sql, parameters);
  });
  return true;
}

function pendingFile(copyPath: string): string {
  return `${copyPath}.sent`;
}

function readPending(copyPath: string): PendingCommit | undefined {
  try {
    return JSON.parse(readFileSync(pendingFile(copyPath), "utf8")) as PendingCommit;
  } catch {
    return undefined;
  }
}

function withoutBigInts(_key: string, value: Bound | object): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
