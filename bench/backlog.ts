import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { BenchDaemon } from "./daemon.ts";
import { startBenchDaemon } from "./daemon.ts";

const PER_STATEMENT = 10_000;

/** Deliveries to put into a store: of so many runs that have completed, one each. */
export interface Waiting {
  readonly flow: string;
  /** Their hooks in turn: `flow:noop/onCompletion/note`. */
  readonly hooks: readonly string[];
  readonly count: number;
}

/** Makes the store that a daemon with this config would, with deliveries that wait. The folder is then served. */
export async function withBacklog(
  config: string,
  folder: string,
  waiting: Waiting,
): Promise<BenchDaemon> {
  const daemon = await startBenchDaemon(config, folder);
  await daemon.end();
  using database = new Database(storeIn(folder));
  const [{ run = 0, seq = 0, delivery = 0, hook = 0 } = {}] = database
    .query<Record<"run" | "seq" | "delivery" | "hook", number>, []>(
      `SELECT (SELECT coalesce(max(no), 0) FROM run) AS run, (SELECT coalesce(max(seq), 0) FROM transition) AS seq,
         (SELECT coalesce(max(no), 0) FROM delivery) AS delivery, (SELECT coalesce(max(no), 0) FROM hook) AS hook`,
    )
    .all();
  for (const [index, key] of waiting.hooks.entries()) {
    database.run("INSERT INTO hook (no, key) VALUES (?, ?)", [hook + index + 1, key]);
  }
  const now = Date.now();
  for (let done = 0; done < waiting.count; done += PER_STATEMENT) {
    const left = Math.min(PER_STATEMENT, waiting.count - done);
    const rows = Array.from({ length: left }, (_, at) => {
      const no = done + at + 1;
      const hookNo = hook + 1 + (no % waiting.hooks.length);
      return [run + no, seq + no, delivery + no, hookNo, crypto.randomUUID(), now];
    });
    const json = JSON.stringify(rows);
    database.transaction(() => {
      database.run(INSERT_RUN.replace("?2", `'${waiting.flow}'`), [json]);
      database.run(INSERT_TRANSITION, [json]);
      database.run(INSERT_DELIVERY, [json]);
    })();
  }
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  return await startBenchDaemon(config, folder);
}

export function storeIn(folder: string): string {
  return join(folder, ".tocsin/state.db");
}

const INSERT_RUN = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
    parameters, tags, generation, exclusive, priority, created_at, started_at, ended_at)
  SELECT j.value->>0, 'run-' || (j.value->>4), 'brave-otter', ?2, 4, 'COMPLETED', 'Completed', '', j.value->>5, 1, 0, 0,
    '{}', '[]', 1, 0, 0, j.value->>5, j.value->>5, j.value->>5 FROM json_each(?1) AS j`;
const INSERT_TRANSITION = `
  INSERT INTO transition (seq, run_no, attempt, type, name, message, at)
  SELECT j.value->>1, j.value->>0, 1, 'COMPLETED', 'Completed', '', j.value->>5 FROM json_each(?1) AS j`;
const INSERT_DELIVERY = `
  INSERT INTO delivery (no, id, hook_no, seq, run_no, moment, status, attempts, due_at, created_at)
  SELECT j.value->>2, j.value->>4, j.value->>3, j.value->>1, j.value->>0, 'onCompletion', 'pending', 0, j.value->>5, j.value->>5
  FROM json_each(?1) AS j`;
