import { Database } from "bun:sqlite";
import { readableName } from "../src/domain/readable-name.ts";
import { storeIn } from "./backlog.ts";
import { startBenchDaemon } from "./daemon.ts";

const PER_STATEMENT = 10_000;
/** Runs are spread over this time, all of it within what a daemon keeps. */
const SPAN_MS = 60 * 86_400_000;
export const FLOWS = 100;

/** Flows that are only asked for by hand, each with a hook; every tenth carries a tag. */
export const HISTORY_CONFIG = `
import { defineConfig, flow } from "tocsin";
const flows = Array.from({ length: ${FLOWS} }, (_, no) => flow({
  name: "flow-" + no,
  tags: no % 10 === 0 ? ["prod"] : [],
  overlap: "allow",
  run: async () => {},
  onCompletion: [function note() {}],
}));
export default defineConfig({ flows });
`;

/** Makes the store that a daemon with this history would have: four transitions and a delivery for each run. */
export async function fillHistory(folder: string, runs: number): Promise<void> {
  const daemon = await startBenchDaemon(HISTORY_CONFIG, folder);
  await daemon.end();
  using database = new Database(storeIn(folder));
  database.run("PRAGMA synchronous = OFF");
  database.run("PRAGMA cache_size = -400000");
  database.run(
    "INSERT INTO hook (no, key) SELECT value, 'flow:flow-' || (value - 1) || '/onCompletion/note' FROM json_each(?)",
    [JSON.stringify(Array.from({ length: FLOWS }, (_, index) => index + 1))],
  );
  const begin = Date.now() - SPAN_MS;
  for (let done = 0; done < runs; done += PER_STATEMENT) {
    const count = Math.min(PER_STATEMENT, runs - done);
    const rows = Array.from({ length: count }, (_, index) =>
      rowOf(done + index + 1, begin + ((done + index) * SPAN_MS) / runs),
    );
    const json = JSON.stringify(rows);
    database.transaction(() => {
      for (const statement of INSERTS) database.run(statement, [json]);
    })();
  }
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

/** Some flows run far more often than others; a run in fifty fails, and a tag is on a run in ten thousand. */
function rowOf(no: number, at: number) {
  const flow = Math.floor(FLOWS * ((no * 0.618_033_988_75) % 1) ** 2);
  const end = no % 50 === 0 ? "FAILED" : no % 1_000 === 1 ? "CANCELLED" : "COMPLETED";
  const name = no % 100_000 === 0 ? "TimedOut" : end.charAt(0) + end.slice(1).toLowerCase();
  const tags = [...(flow % 10 === 0 ? ["prod"] : []), ...(no % 10_000 === 0 ? ["rare"] : [])];
  return [no, uuidAt(at), readableName(no), flow, end, name, Math.floor(at), JSON.stringify(tags)];
}

/** A UUIDv7 of an instant. */
function uuidAt(at: number): string {
  const time = Math.floor(at).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

const INSERTS = [
  `INSERT INTO run_tag (tag, run_no) SELECT tag.value, j.value->>0 FROM json_each(?) AS j, json_each(j.value->>7) AS tag`,
  `INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
     parameters, tags, generation, exclusive, priority, created_at, started_at, ended_at)
   SELECT j.value->>0, j.value->>1, j.value->>2, 'flow-' || (j.value->>3), 4, j.value->>4, j.value->>5, '', j.value->>6, 1, 0, 0,
     '{"day":"monday"}', j.value->>7, 1, 0, 0, j.value->>6, (j.value->>6) + 2, (j.value->>6) + 40 FROM json_each(?) AS j`,
  `INSERT INTO transition (seq, run_no, attempt, type, name, message, at, due_at)
   SELECT (j.value->>0) * 4 - s.value->>0, j.value->>0, 1, coalesce(s.value->>1, j.value->>4), coalesce(s.value->>2, j.value->>5), '', j.value->>6,
     CASE WHEN s.value->>0 = 3 THEN j.value->>6 END
   FROM json_each(?) AS j,
     json_each('[[3,"SCHEDULED","Scheduled"],[2,"PENDING","Pending"],[1,"RUNNING","Running"],[0,null,null]]') AS s`,
  `INSERT INTO delivery (no, id, hook_no, seq, run_no, moment, status, attempts, created_at, ended_at)
   SELECT j.value->>0, j.value->>1, (j.value->>3) + 1, (j.value->>0) * 4, j.value->>0, 'onCompletion', 'delivered', 1, j.value->>6, (j.value->>6) + 50
   FROM json_each(?) AS j WHERE j.value->>4 = 'COMPLETED'`,
  `INSERT INTO delivery_attempt (delivery_no, attempt, started_at, ended_at)
   SELECT j.value->>0, 1, (j.value->>6) + 45, (j.value->>6) + 50 FROM json_each(?) AS j WHERE j.value->>4 = 'COMPLETED'`,
];
