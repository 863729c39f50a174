import { chmodSync, closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreCareRefused, type StoreCopy, type Vacuumed } from "../domain/store-care.ts";
import { pragma, sizeOf } from "./care-stats.ts";
import type { Connection } from "./connection.ts";

const ROOM_TO_SPARE = 16 * 2 ** 20;

/**
 * Copies the store as it is at this moment into a new file, without free room and without side files. Others go
 * on writing meanwhile: the copy holds what was committed before it began. Durable when it returns.
 */
export function copyStore(connection: Connection, file: string): StoreCopy {
  const began = performance.now();
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) {
    throw new StoreCareRefused(`Cannot copy the store to "${file}": it exists already`);
  }
  requireRoom(connection, file);
  try {
    // A reader's connection refuses all writing, also into another file.
    connection.script("PRAGMA query_only = OFF");
    connection.run("VACUUM INTO ?", [file]);
    chmodSync(file, 0o600);
    syncNow(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  return { sizeBytes: sizeOf(file), tookMs: Math.round(performance.now() - began) };
}

/** A copy that fills the disk would keep the daemon from writing: it is not begun. */
function requireRoom(connection: Connection, file: string): void {
  const pages = pragma(connection, "page_count") - pragma(connection, "freelist_count");
  const wanted = pages * pragma(connection, "page_size") + ROOM_TO_SPARE;
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize >= wanted) return;
  const [need, have] = [wanted, bavail * bsize].map((bytes) => Math.round(bytes / 2 ** 20));
  throw new StoreCareRefused(
    `Cannot copy the store to "${dirname(file)}": it needs ${need} MiB there, and ${have} MiB are free`,
  );
}

/** Writes the store anew without the room that deleted rows left. Nobody else may have it open. */
export function vacuumStore(connection: Connection): Vacuumed {
  const began = performance.now();
  const beforeBytes = foldStore(connection).sizeBytes;
  connection.script("VACUUM");
  const afterBytes = foldStore(connection).sizeBytes;
  return { beforeBytes, afterBytes, tookMs: Math.round(performance.now() - began) };
}

/** Brings into the one file what was written beside it. Nobody else may have it open. */
export function foldStore(connection: Connection): { readonly sizeBytes: number } {
  connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
  return { sizeBytes: sizeOf(connection.path) };
}

function syncNow(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
