import { renameSync, rmSync, writeFileSync } from "node:fs";
import Libsql from "libsql";
import { type Holder, holderFile } from "./holder.ts";

/** An exclusive lock on a side file: held until released, or until the process dies, however it dies. */
export interface StoreLock {
  /** Writes down who holds the store. */
  describe(holder: Holder): void;
  release(): void;
}

/** Takes the lock of the store at `path`, or answers undefined when somebody holds it. */
export function takeLock(path: string): StoreLock | undefined {
  const database = new Libsql(`${path}.lock`);
  try {
    database.exec("PRAGMA busy_timeout = 0");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (
      error instanceof Error &&
      /SQLITE_BUSY|locked/.test(`${"code" in error ? error.code : ""} ${error.message}`)
    ) {
      return undefined;
    }
    throw error;
  }
  PINNED.add(database);
  return {
    describe(holder) {
      const draft = `${holderFile(path)}.${process.pid}`;
      writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
      renameSync(draft, holderFile(path));
    },
    release() {
      rmSync(holderFile(path), { force: true });
      PINNED.delete(database);
      database.close();
    },
  };
}

/** A database object that is collected silently drops its lock. */
const PINNED = new Set<Libsql.Database>();
