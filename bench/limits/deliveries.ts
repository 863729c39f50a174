import { Worker } from "node:worker_threads";
import { openLimitStore } from "./limit-store.ts";

/** What libSQL and one thread alone do on this machine now with deliveries. */
export interface DeliveryLimits {
  /** Milliseconds from the end of a commit to the first line in a thread that is told of it. */
  readonly latencies: readonly number[];
  /** Deliveries a second: told to a thread in batches, answered, recorded, `synchronous=FULL`. */
  readonly functionsPerSecond: number;
  /** The same with a POST to a local receiver each, as many at once as a batch has. */
  readonly webhooksPerSecond: number;
}

const BATCH = 512;
const HTTP_BATCH = 64;

export async function deliveryLimits(url: string): Promise<DeliveryLimits> {
  const thread = new Worker(new URL("./delivery-thread.ts", import.meta.url), {
    workerData: { url },
  });
  const table = deliveryTable();
  try {
    const latencies = [];
    for (let round = 0; round < 1_000; round += 1) {
      table.insert(1);
      const committed = performance.timeOrigin + performance.now();
      const [began] = await asked(thread, { count: 1, http: false });
      latencies.push((began ?? 0) - committed);
    }
    const perSecond = async (count: number, http: boolean, batch: number) => {
      table.insert(count);
      const began = performance.now();
      for (let done = 0; done < count; done += batch) {
        await asked(thread, { count: batch, http });
        table.record(batch);
      }
      return count / ((performance.now() - began) / 1_000);
    };
    return {
      latencies: latencies.slice(100),
      functionsPerSecond: await perSecond(BATCH * 200, false, BATCH),
      webhooksPerSecond: await perSecond(HTTP_BATCH * 200, true, HTTP_BATCH),
    };
  } finally {
    table.close();
    await thread.terminate();
  }
}

async function asked(
  thread: Worker,
  { count, http }: { readonly count: number; readonly http: boolean },
): Promise<readonly number[]> {
  const told = Array.from({ length: count }, (_, no) => ({ ...TOLD, id: `delivery-${no}` }));
  const answer = new Promise<string>((resolve) => thread.once("message", resolve));
  thread.postMessage(JSON.stringify({ http, told }));
  return (JSON.parse(await answer) as readonly { at: number }[]).map(({ at }) => at);
}

/** About as much as a hook is told of a run. */
const TOLD = {
  hook: "flow:noop/onCompletion/note",
  flow: { name: "noop", description: "", tags: [] },
  run: { id: crypto.randomUUID(), name: "brave-otter", state: "COMPLETED", parameters: "{}" },
  urls: { run: "http://127.0.0.1:8627/runs/1", api: "http://127.0.0.1:8627/api/runs/1" },
};

function deliveryTable() {
  const { database, inOneCommit, close } = openLimitStore();
  const [insert, update, attempt] = [INSERT, UPDATE, ATTEMPT].map((sql) => database.prepare(sql));
  let inserted = 0;
  let recorded = 0;
  return {
    insert(count: number) {
      const now = Date.now();
      const rows = Array.from({ length: count }, () => [++inserted, crypto.randomUUID(), now]);
      inOneCommit(() => void insert?.run(JSON.stringify(rows)));
    },
    record(count: number) {
      const now = Date.now();
      const rows = JSON.stringify(Array.from({ length: count }, () => [++recorded, now]));
      inOneCommit(() => {
        update?.run(rows);
        attempt?.run(rows);
      });
    },
    close,
  };
}

const INSERT = `
  INSERT INTO delivery (no, id, hook_no, seq, run_no, moment, status, attempts, due_at, created_at)
  SELECT j.value->>0, j.value->>1, 1, j.value->>0, j.value->>0, 'onCompletion', 'pending', 0, j.value->>2, j.value->>2
  FROM json_each(?) AS j`;
const UPDATE = `
  UPDATE delivery SET attempts = 1, status = 'delivered', due_at = NULL, ended_at = j.value->>1
  FROM json_each(?) AS j WHERE delivery.no = j.value->>0`;
const ATTEMPT = `
  INSERT INTO delivery_attempt (delivery_no, attempt, started_at, ended_at)
  SELECT j.value->>0, 1, j.value->>1, j.value->>1 FROM json_each(?) AS j`;
