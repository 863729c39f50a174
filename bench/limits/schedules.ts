import { Worker } from "node:worker_threads";
import { openLimitStore } from "./limit-store.ts";

/** What libSQL and two threads alone do on this machine now with runs that are all due at once. */
export interface ScheduleLimits {
  /** Milliseconds from the timer to the first line of each run in its thread. */
  readonly starts: readonly number[];
  /** Until each run's end is heard of. */
  readonly ends: readonly number[];
  /** Until the end of the commit that holds the last end. */
  readonly completedMs: number;
}

const PER_COMMIT = 1_000;
const PER_MESSAGE = 64;
const THREADS = 2;

/** Born and claimed in durable commits of a thousand, told to warm threads, their ends committed as they come. */
export async function scheduleLimits(count: number): Promise<ScheduleLimits> {
  const threads = Array.from({ length: THREADS }, warmThread);
  await Promise.all(threads.map(heardFrom));
  const table = openTable();
  try {
    return await due({ threads, table, count });
  } finally {
    table.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

interface Parts {
  readonly threads: readonly Worker[];
  readonly table: ReturnType<typeof openTable>;
  readonly count: number;
}

async function due({ threads, table, count }: Parts): Promise<ScheduleLimits> {
  const starts: number[] = [];
  const ends: number[] = [];
  const ended: number[] = [];
  const { promise: over, resolve } = Promise.withResolvers<number>();
  let kept = 0;
  const timer = performance.timeOrigin + performance.now();
  const keepEnds = () => {
    if (ended.length < PER_COMMIT && kept + ended.length < count) return;
    kept += ended.length;
    table.end(ended.splice(0));
    if (kept === count) resolve(performance.timeOrigin + performance.now() - timer);
  };
  for (const thread of threads) {
    thread.on("message", (text: string) => {
      for (const [run, at] of JSON.parse(text) as readonly [number, number][]) {
        starts.push(at - timer);
        ends.push(performance.timeOrigin + performance.now() - timer);
        ended.push(run);
      }
      keepEnds();
    });
  }
  for (let born = 0; born < count; born += PER_COMMIT) {
    const runs = Array.from({ length: PER_COMMIT }, (_, index) => born + index + 1);
    table.begin(runs);
    for (let told = 0; told < PER_COMMIT; told += PER_MESSAGE) {
      const batch = runs.slice(told, told + PER_MESSAGE).map((no) => ({ ...TOLD, no }));
      threads[(told / PER_MESSAGE) % THREADS]?.postMessage(JSON.stringify(batch));
    }
    await new Promise((done) => setImmediate(done));
  }
  return { completedMs: await over, starts, ends };
}

function warmThread(): Worker {
  return new Worker(new URL("./schedule-thread.ts", import.meta.url));
}

function heardFrom(thread: Worker): Promise<unknown> {
  const answer = new Promise((resolve) => thread.once("message", resolve));
  thread.postMessage("[]");
  return answer;
}

/** About as much as a thread is told of a run. */
const TOLD = {
  type: "execute",
  run: { id: crypto.randomUUID(), name: "brave-otter", flow: "flow-1", tags: [], generation: 1 },
  parameters: "{}",
};

function openTable() {
  const { database, inOneCommit, close } = openLimitStore();
  const [run, move, transition, cursor] = [INSERT_RUN, MOVE_RUN, INSERT_TRANSITION, CURSOR].map(
    (sql) => database.prepare(sql),
  );
  let seq = 0;
  const transitions = (runs: readonly number[], type: string) =>
    transition?.run(JSON.stringify(runs.map((no) => [++seq, no, type, Date.now()])));
  return {
    begin(runs: readonly number[]) {
      const now = Date.now();
      inOneCommit(() => {
        run?.run(JSON.stringify(runs.map((no) => [no, crypto.randomUUID(), now])));
        cursor?.run(JSON.stringify(runs.map((no) => [no, now])));
        transitions(runs, "SCHEDULED");
        transitions(runs, "PENDING");
      });
    },
    end(runs: readonly number[]) {
      inOneCommit(() => {
        move?.all(JSON.stringify(runs.map((no) => [no, 2, "COMPLETED", Date.now()])));
        transitions(runs, "RUNNING");
        transitions(runs, "COMPLETED");
      });
    },
    close,
  };
}

const INSERT_RUN = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, attempt, failures, crashes,
    parameters, tags, generation, priority, exclusive, schedule_key, scheduled_for, created_at, open)
  SELECT j.value->>0, j.value->>1, 'brave-otter', 'flow-' || (j.value->>0), 2, 'PENDING', 'Pending', '', j.value->>2, 0, 0, 0,
    '{}', '[]', 1, 0, 1, 'at-0', j.value->>2, j.value->>2, 1 FROM json_each(?) AS j`;
const MOVE_RUN = `
  UPDATE run SET rev = rev + 2, state_type = j.value->>2, state_name = j.value->>2, state_at = j.value->>3, open = 0
  FROM json_each(?) AS j WHERE run.no = j.value->>0 AND run.rev = j.value->>1 RETURNING no`;
const INSERT_TRANSITION = `
  INSERT INTO transition (seq, run_no, attempt, type, name, message, at)
  SELECT j.value->>0, j.value->>1, 1, j.value->>2, j.value->>2, '', j.value->>3 FROM json_each(?) AS j`;
const CURSOR = `
  INSERT INTO schedule (flow, key, fingerprint, cursor)
  SELECT 'flow-' || (j.value->>0), 'at-0', '', j.value->>1 FROM json_each(?) AS j WHERE true
  ON CONFLICT (flow, key) DO UPDATE SET cursor = excluded.cursor`;
