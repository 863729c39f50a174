import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { MIGRATIONS } from "../../src/store/migrations.ts";

/** An empty store of our own tables under libSQL alone, `synchronous=FULL`. */
export interface LimitStore {
  readonly database: Libsql.Database;
  inOneCommit(body: () => void): void;
  /** Closes it and removes its files. */
  close(): void;
}

export function openLimitStore(): LimitStore {
  const path = join(tmpdir(), `tocsin-limit-${process.pid}.db`);
  const clear = () => {
    for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  };
  clear();
  const database = new Libsql(path);
  database.prepare("PRAGMA journal_mode = WAL").all();
  database.exec("PRAGMA synchronous = FULL");
  database.exec(MIGRATIONS.join("\n"));
  const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
  return {
    database,
    inOneCommit(body) {
      begin.run();
      body();
      commit.run();
    },
    close() {
      database.close();
      clear();
    },
  };
}
