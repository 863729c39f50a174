import { type Bindable, bound } from "./bind.ts";
import type { Connection } from "./connection.ts";

/** A value as it was given to the engine. */
export type Bound = ReturnType<typeof bound>;

/** A statement that changed something, with what it was given. */
export interface Written {
  readonly sql: string;
  readonly parameters: readonly Bound[];
}

/** A connection that notes what is written through it. */
export interface Recording extends Connection {
  /** What was written since the last call. */
  take(): readonly Written[];
}

const WRITING = /^\s*(?:INSERT|UPDATE|DELETE)\b/i;

/**
 * Notes each statement that changed a row: done again in this order on the same rows, they lead to the same
 * rows. One that changed nothing here would change nothing there.
 */
export function recordingOver(connection: Connection): Recording {
  let written: Written[] = [];
  const note = (sql: string, parameters: readonly Bindable[], changes: number) => {
    if (changes > 0 && WRITING.test(sql)) written.push({ sql, parameters: parameters.map(bound) });
  };
  return {
    path: connection.path,
    all<Row>(sql: string, parameters: readonly Bindable[] = []) {
      const rows = connection.all<Row>(sql, parameters);
      note(sql, parameters, rows.length);
      return rows;
    },
    run(sql, parameters = []) {
      const changes = connection.run(sql, parameters);
      note(sql, parameters, changes);
      return changes;
    },
    runOne(sql, parameters = []) {
      const changed = connection.runOne(sql, parameters);
      note(sql, parameters, Number(changed));
      return changed;
    },
    script() {
      throw new Error("Cannot run a script on a copy: nobody would tell the server of it");
    },
    transaction() {
      throw new Error("Cannot begin a transaction on a copy: every write goes through its lane");
    },
    close: () => connection.close(),
    take() {
      const taken = written;
      written = [];
      return taken;
    },
  };
}
