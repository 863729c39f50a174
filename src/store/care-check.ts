import type { StoreCheck, StoreFault } from "../domain/store-care.ts";
import { INVARIANTS } from "./care-invariants.ts";
import { countRows, pragma } from "./care-stats.ts";
import type { Connection } from "./connection.ts";
import { MIGRATIONS } from "./migrations.ts";

const FAULTS_MAX = 20;
const EXAMPLES = 5;

/**
 * Checks a store: first the file (SQLite's own check of every page and index), then what our rows promise each
 * other. Reads everything: not for a thread that others wait for.
 */
export function checkStore(connection: Connection): StoreCheck {
  const began = performance.now();
  const version = pragma(connection, "user_version");
  const inFile = fileFaults(connection);
  // What a damaged file says of its rows means nothing; an older one may not have all tables yet.
  const inRows = inFile.length === 0 && version === MIGRATIONS.length ? rowFaults(connection) : [];
  const faults = [...inFile, ...inRows];
  const count = (table: string) => (inFile.length === 0 ? countRows(connection, table) : 0);
  return {
    ok: faults.length === 0,
    version,
    runs: count("run"),
    transitions: count("transition"),
    deliveries: count("delivery"),
    faults,
    tookMs: Math.round(performance.now() - began),
  };
}

function faultOf(fault: string): StoreFault {
  return { fault, count: 1, examples: [] };
}

function fileFaults(connection: Connection): readonly StoreFault[] {
  return verdictsOn(connection)
    .filter((verdict) => verdict !== "ok")
    .map((verdict) => faultOf(`damaged: ${verdict}`));
}

/** A file may be so damaged that it cannot even be checked. */
function verdictsOn(connection: Connection): readonly string[] {
  try {
    return connection
      .all<{ integrity_check: string }>(`PRAGMA integrity_check(${FAULTS_MAX})`)
      .map((row) => row.integrity_check);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function rowFaults(connection: Connection): readonly StoreFault[] {
  return INVARIANTS.flatMap(({ fault, broken }) => {
    const [row] = connection.all<{ count: number }>(`SELECT count(*) AS count FROM (${broken})`);
    const count = row?.count ?? 0;
    if (count === 0) return [];
    const rows = connection.all<{ ref: unknown }>(`SELECT ref FROM (${broken}) LIMIT ${EXAMPLES}`);
    return [{ fault, count, examples: rows.map(({ ref }) => String(ref)) }];
  });
}
