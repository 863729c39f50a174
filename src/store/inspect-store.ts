import Libsql from "libsql";
import { APPLICATION_ID, MIGRATIONS } from "./migrations.ts";

/** A file larger than this is not read whole at each start. */
const QUICK_CHECK_BYTES_MAX = 32 * 1024 * 1024;

/** The smallest page of a database, and so the smallest database (SQLite file format, 1.3.2). */
const PAGE_BYTES_LEAST = 512;

/** What a look at a file found. */
export type Inspection =
  | { readonly type: "ours"; readonly version: number }
  | { readonly type: "empty" }
  | { readonly type: "foreign"; readonly why: string }
  | { readonly type: "newer"; readonly version: number; readonly known: number }
  | { readonly type: "damaged"; readonly why: string };

/**
 * Looks at a database file without changing what is in it. Runs in a child process of its own: the binding
 * aborts its whole process on a text that is not UTF-8, and nobody knows what a foreign file holds.
 */
export function inspectStore(path: string, bytes: number): Inspection {
  // SQLite takes what is shorter than a page for empty, and would write over it.
  if (bytes < PAGE_BYTES_LEAST) return { type: "foreign", why: "it is not a database" };
  try {
    return inspectionOf(new Libsql(path), bytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return /not a database/i.test(message)
      ? { type: "foreign", why: "it is not a database" }
      : { type: "damaged", why: message };
  }
}

function inspectionOf(database: Libsql.Database, bytes: number): Inspection {
  const one = (sql: string) =>
    Object.values(database.prepare(sql).all()[0] as object)[0] as unknown;
  const applicationId = Number(one("PRAGMA application_id"));
  const version = Number(one("PRAGMA user_version"));
  if (applicationId === 0 && version === 0 && one("SELECT count(*) FROM sqlite_schema") === 0) {
    return { type: "empty" };
  }
  if (applicationId !== APPLICATION_ID) {
    return { type: "foreign", why: "it is a database of another program" };
  }
  if (version > MIGRATIONS.length) return { type: "newer", version, known: MIGRATIONS.length };
  const verdict = bytes > QUICK_CHECK_BYTES_MAX ? "ok" : String(one("PRAGMA quick_check(1)"));
  return verdict === "ok" ? { type: "ours", version } : { type: "damaged", why: verdict };
}
