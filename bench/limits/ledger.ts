import { type LimitStore, openLimitStore } from "./limit-store.ts";

/**
 * What libSQL alone does on this machine now: runs a second with four transitions, a delivery and its
 * record each, in set statements over our own tables, `synchronous=FULL`, so many runs per commit.
 */
export function ledgerLimit(perCommit: number, runs = 40_000): number {
  const store = openLimitStore();
  const commit = ledger(store);
  commit(perCommit);
  const began = performance.now();
  for (let done = 0; done < runs; done += perCommit) commit(perCommit);
  const seconds = (performance.now() - began) / 1_000;
  store.close();
  return runs / seconds;
}

function ledger({ database, inOneCommit }: LimitStore): (count: number) => void {
  const statements = {
    run: database.prepare(INSERT_RUN),
    move: database.prepare(MOVE_RUN),
    transition: database.prepare(INSERT_TRANSITION),
    delivery: database.prepare(INSERT_DELIVERY),
    delivered: database.prepare(
      "UPDATE delivery SET status = 'delivered', attempts = 1, due_at = NULL FROM json_each(?) AS j WHERE delivery.no = j.value",
    ),
  };
  let no = 0;
  let seq = 0;
  return (count) => {
    const now = Date.now();
    const numbers = Array.from({ length: count }, () => ++no);
    const step = (type: string) => JSON.stringify(numbers.map((run) => [++seq, run, type, now]));
    const move = (type: string, rev: number) =>
      JSON.stringify(numbers.map((run) => [run, rev, type, now]));
    inOneCommit(() => {
      statements.run.run(JSON.stringify(numbers.map((run) => [run, crypto.randomUUID(), now])));
      statements.transition.run(step("SCHEDULED"));
    });
    inOneCommit(() => {
      statements.move.all(move("PENDING", 1));
      statements.transition.run(step("PENDING"));
    });
    inOneCommit(() => {
      statements.move.all(move("COMPLETED", 2));
      statements.transition.run(step("RUNNING"));
      statements.transition.run(step("COMPLETED"));
      statements.delivery.run(
        JSON.stringify(numbers.map((run) => [run, crypto.randomUUID(), seq, now])),
      );
    });
    inOneCommit(() => statements.delivered.run(JSON.stringify(numbers)));
  };
}

const INSERT_RUN = `
  INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at, due_at, attempt, failures, crashes,
    parameters, tags, generation, exclusive, priority, created_at, open)
  SELECT j.value->>0, j.value->>1, 'brave-otter', 'noop', 1, 'SCHEDULED', 'Scheduled', '', j.value->>2, j.value->>2, 0, 0, 0,
    '{}', '[]', 1, 0, 0, j.value->>2, 1 FROM json_each(?) AS j`;
const MOVE_RUN = `
  UPDATE run SET rev = rev + 1, state_type = j.value->>2, state_name = j.value->>2, state_at = j.value->>3, due_at = NULL,
    open = j.value->>2 <> 'COMPLETED'
  FROM json_each(?) AS j WHERE run.no = j.value->>0 AND run.rev = j.value->>1 RETURNING no`;
const INSERT_TRANSITION = `
  INSERT INTO transition (seq, run_no, attempt, type, name, message, at)
  SELECT j.value->>0, j.value->>1, 1, j.value->>2, j.value->>2, '', j.value->>3 FROM json_each(?) AS j`;
const INSERT_DELIVERY = `
  INSERT INTO delivery (no, id, hook_no, seq, run_no, moment, status, attempts, due_at, created_at)
  SELECT j.value->>0, j.value->>1, 1, j.value->>2, j.value->>0, 'onCompletion', 'pending', 0, j.value->>3, j.value->>3
  FROM json_each(?) AS j`;
