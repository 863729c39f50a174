import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Libsql from "libsql";
import type { Boot } from "./boot-store.ts";

/** What the holder of a store tells of itself, for the message that a second daemon gets. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly bootId: string;
  readonly startedAt: string;
  /** Where its API is, once it listens. */
  readonly url?: string;
}

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
      const draft = `${path}.holder.${process.pid}`;
      writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
      renameSync(draft, `${path}.holder`);
    },
    release() {
      rmSync(`${path}.holder`, { force: true });
      PINNED.delete(database);
      database.close();
    },
  };
}

/** A database object that is collected silently drops its lock. */
const PINNED = new Set<Libsql.Database>();

/** Who wrote itself down as the holder of the store at `path`; it may have died since. */
export function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(`${path}.holder`, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Why a store that somebody holds cannot be opened. */
export function heldBy(holder: Holder | undefined): string {
  if (holder === undefined) return "another tocsin holds it";
  const where = holder.url === undefined ? "" : `, listening on ${holder.url}`;
  return `another tocsin holds it (pid ${holder.pid} on ${holder.host}, since ${holder.startedAt}${where}); stop that one first, or name another file with --store`;
}

/** What this boot writes down of itself. */
export function holderOf(boot: Boot, url?: string): Holder {
  return {
    pid: boot.pid,
    host: boot.host,
    bootId: boot.id,
    startedAt: new Date(boot.startedAt).toISOString(),
    ...(url === undefined ? {} : { url }),
  };
}
