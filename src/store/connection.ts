import Libsql from "libsql";
import { type Bindable, bound } from "./bind.ts";

const STATEMENTS_MAX = 200;
const BUSY_MS = 200;
const READER_PRAGMAS = "PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON";
/** A long read, such as a backup, makes the log grow meanwhile: what it took beyond this it gives back. */
const WAL_BYTES_KEPT = 32 * 1024 * 1024;
const WRITER_PRAGMAS = `PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}; PRAGMA cache_size = -8000`;

/** One connection to an embedded libSQL file. Every call is synchronous: one process, one file, no network. */
export interface Connection {
  readonly path: string;
  all<Row>(sql: string, parameters?: readonly Bindable[]): Row[];
  /** Answers how many rows changed. */
  run(sql: string, parameters?: readonly Bindable[]): number;
  /** Runs a statement that is to change exactly one row; answers whether it did. */
  runOne(sql: string, parameters?: readonly Bindable[]): boolean;
  /** Several statements without parameters. */
  script(sql: string): void;
  /** Runs the body between BEGIN IMMEDIATE and COMMIT; a throw rolls back and goes on. */
  transaction<Answer>(body: () => Answer): Answer;
  close(): void;
}

/** A connection whose transactions may stay open beyond a turn. */
export interface FileConnection extends Connection {
  /** Runs the body after BEGIN IMMEDIATE and leaves the transaction open; a throw rolls back and goes on. */
  begin<Answer>(body: () => Answer): OpenTransaction<Answer>;
}

/** A transaction that somebody else has to agree to before it ends. */
export interface OpenTransaction<Answer> {
  readonly answer: Answer;
  /** A throw means that nothing of it was kept. */
  commit(): void;
  rollBack(): void;
}

/** Opens a file (created if absent) with the pragmas that every connection of ours has. */
export function openConnection(path: string, role: "writer" | "reader"): FileConnection {
  return new LibsqlConnection(path, role);
}

/** Pinned as long as the connection is in use: a collected Database silently drops its locks. */
class LibsqlConnection implements FileConnection {
  readonly path: string;
  readonly #role: "writer" | "reader";
  #database: Libsql.Database;
  #statements = new Map<string, Libsql.Statement>();

  constructor(path: string, role: "writer" | "reader") {
    this.path = path;
    this.#role = role;
    this.#database = this.#open();
  }

  all<Row>(sql: string, parameters: readonly Bindable[] = []): Row[] {
    return this.#statement(sql).all(parameters.map(bound)) as Row[];
  }

  run(sql: string, parameters: readonly Bindable[] = []): number {
    return this.#statement(sql).run(parameters.map(bound)).changes;
  }

  runOne(sql: string, parameters: readonly Bindable[] = []): boolean {
    return this.run(sql, parameters) === 1;
  }

  script(sql: string): void {
    this.#database.exec(sql);
  }

  transaction<Answer>(body: () => Answer): Answer {
    this.run("BEGIN IMMEDIATE");
    try {
      const answer = body();
      this.run("COMMIT");
      return answer;
    } catch (error) {
      this.#rollBack(error);
      throw error;
    }
  }

  begin<Answer>(body: () => Answer): OpenTransaction<Answer> {
    this.run("BEGIN IMMEDIATE");
    const attempt = <Done>(action: () => Done): Done => {
      try {
        return action();
      } catch (error) {
        this.#rollBack(error);
        throw error;
      }
    };
    const answer = attempt(body);
    return {
      answer,
      commit: () => void attempt(() => this.run("COMMIT")),
      rollBack: () => this.#rollBack(undefined),
    };
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #open(): Libsql.Database {
    const database = new Libsql(this.path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    database.prepare("PRAGMA journal_mode = WAL").all();
    database.exec(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY",
    );
    // Only the writer checkpoints: a reset of the WAL by two connections at once can corrupt (SQLite < 3.51.3).
    // Pages that are written again and again, the ends of tables, go into the file once for many commits.
    database.exec(this.#role === "reader" ? READER_PRAGMAS : WRITER_PRAGMAS);
    return database;
  }

  #statement(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const oldest = this.#statements.keys().next();
    if (this.#statements.size >= STATEMENTS_MAX && !oldest.done)
      this.#statements.delete(oldest.value);
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** After one BUSY or a failed COMMIT this binding can never commit again, so a failed connection is replaced. */
  #rollBack(cause: unknown): void {
    try {
      this.run("ROLLBACK");
      if (!isConnectionSpoilt(cause)) return;
    } catch {
      // A full disk rolls back by itself; the new connection starts clean either way.
    }
    this.#statements.clear();
    try {
      this.#database.close();
    } catch {
      // Nothing of it is used any more.
    }
    this.#database = this.#open();
  }
}

/** Errors that pass when their cause does: a full disk, a failing device, a file in use, a server that is away. */
export function isStorageError(error: unknown): boolean {
  return error instanceof Error && STORAGE_CODES.test(codeOf(error));
}

const STORAGE_CODES =
  /REMOTE_AWAY|SQLITE_(?:FULL|IOERR|BUSY|READONLY|CANTOPEN|LOCKED|NOMEM)|statements in progress/;

function isConnectionSpoilt(error: unknown): boolean {
  return error instanceof Error && /SQLITE_BUSY|statements in progress/.test(codeOf(error));
}

function codeOf(error: Error): string {
  return `${"code" in error ? String(error.code) : ""} ${error.message}`;
}
