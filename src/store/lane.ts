import type { Connection } from "./connection.ts";
import type { Trouble } from "./troubles.ts";
import { createWriter, type Writer, type WriterOptions } from "./writer.ts";

/** The one way to write: everything passes it, one transaction after the other. */
export interface Lane extends Pick<Writer, "collect" | "settle"> {
  /** Set while nothing can be saved: what was asked for is kept and tried again. */
  trouble(): Trouble | undefined;
  /** A small write by itself, after what was asked for before; a throw of the body keeps nothing of it. */
  write<Answer>(body: (connection: Connection) => Answer): Promise<Answer>;
  /** Commits what is left and refuses everything from then on. */
  close(goodbye: Goodbye): Promise<void>;
}

export interface Goodbye {
  readonly reader: Connection;
  /** The last write, where anything can be written. */
  readonly last: (connection: Connection) => void;
  /** What to do when all of it is closed. */
  readonly after: () => void;
}

/** Over a file: `write` has done its work when it returns. */
export function laneOver(connection: Connection, options: WriterOptions): Lane {
  const writer = createWriter(connection, options);
  return {
    collect: (collector) => writer.collect(collector),
    settle: () => writer.settle(),
    trouble: () => writer.trouble(),
    async write(body) {
      writer.flush();
      return connection.transaction(() => body(connection));
    },
    async close({ reader, last, after }) {
      const leaving = writer.close();
      if (leaving !== undefined) await leaving;
      reader.close();
      if (writer.trouble() === undefined) {
        connection.transaction(() => last(connection));
        // Everything into the one file, so that a copy of it is a copy of the state.
        connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      connection.close();
      after();
    },
  };
}
