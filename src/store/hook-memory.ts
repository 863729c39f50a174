import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { type AfterCommit, NOTHING_AFTER } from "./shelves.ts";

/** Something that is to be known of a hook after a restart: what it was rung for, and when. */
export interface HookMemoryEntry {
  readonly hookNo: number;
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  readonly at: Instant;
}

export function loadHookMemory(
  connection: Connection,
  hookNo: number,
): readonly Pick<HookMemoryEntry, "key" | "value">[] {
  return connection.all<{ key: string; value: string }>(
    "SELECT key, value FROM hook_memory WHERE hook_no = ?",
    [hookNo],
  );
}

/** Inside the caller's transaction. Of entries with the same key the last counts. */
export function saveHookMemory(
  connection: Connection,
  entries: readonly HookMemoryEntry[],
): AfterCommit {
  const last = new Map(entries.map((entry) => [`${entry.hookNo} ${entry.key}`, entry]));
  const rows = [...last.values()].map(({ hookNo, key, value, at }) => [hookNo, key, value, at]);
  connection.run(UPSERT, [rowsJson(rows)]);
  return NOTHING_AFTER;
}

const UPSERT = `
  INSERT INTO hook_memory (hook_no, key, value, at)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3 FROM json_each(?) AS j WHERE true
  ON CONFLICT (hook_no, key) DO UPDATE SET value = excluded.value, at = excluded.at`;
