import type { DeliveryStatus } from "../domain/delivery.ts";
import type { StateType } from "../domain/state.ts";
import type { Connection } from "./connection.ts";
import type { Counts } from "./run-history.ts";

/**
 * How many runs are in each state and deliveries in each status. Counted once, when first asked for, and
 * kept up to date by what is committed: with a million rows a count takes longer than anybody should wait.
 */
export interface Tally {
  read(connection: Connection): Counts;
  /** How many deliveries of each hook, by its number, are in each status. */
  readHooks(connection: Connection): ReadonlyMap<number, DeliveryCounts>;
  /** A run has entered a state; `before` is undefined for one that was born. */
  run(before: StateType | undefined, after: StateType): void;
  delivery(hookNo: number, before: DeliveryStatus | undefined, after: DeliveryStatus): void;
  /** Rows were deleted: everything is counted again when next asked for. */
  forget(): void;
}

/** Deliveries by status; a status without any is left out. */
export type DeliveryCounts = Readonly<Partial<Record<DeliveryStatus, number>>>;

interface Counted {
  readonly runs: Map<string, number>;
  /** By the hook's number and the status, as in "7 dead". */
  readonly deliveries: Map<string, number>;
}

export function createTally(): Tally {
  let counted: Counted | undefined;
  const count = (connection: Connection) => {
    counted ??= { runs: countBy(connection, RUNS), deliveries: countBy(connection, DELIVERIES) };
    return counted;
  };
  return {
    read(connection) {
      const { runs, deliveries } = count(connection);
      const sums: Record<DeliveryStatus, number> = {
        pending: 0,
        delivered: 0,
        retrying: 0,
        dead: 0,
        dropped: 0,
      };
      for (const { status, count } of byHook(deliveries)) sums[status] += count;
      return {
        runs: Object.fromEntries([...runs].filter(([, count]) => count > 0)),
        deliveries: sums,
      };
    },
    readHooks(connection) {
      const all = byHook(count(connection).deliveries).filter(({ count }) => count > 0);
      return new Map(
        [...Map.groupBy(all, ({ hookNo }) => hookNo)].map(([hookNo, counts]) => [
          hookNo,
          Object.fromEntries(counts.map(({ status, count }) => [status, count])),
        ]),
      );
    },
    run: (before, after) => move(counted?.runs, before, after),
    delivery(hookNo, before, after) {
      if (counted === undefined) return;
      const name = (status: DeliveryStatus) => `${hookNo} ${status}`;
      move(counted.deliveries, before === undefined ? undefined : name(before), name(after));
    },
    forget() {
      counted = undefined;
    },
  };
}

function byHook(deliveries: ReadonlyMap<string, number>) {
  return [...deliveries].map(([name, count]) => {
    const [hookNo, status] = name.split(" ");
    return { hookNo: Number(hookNo), status: status as DeliveryStatus, count };
  });
}

const RUNS = "SELECT state_type AS name, count(*) AS count FROM run GROUP BY 1";
const DELIVERIES =
  "SELECT hook_no || ' ' || status AS name, count(*) AS count FROM delivery GROUP BY hook_no, status";

function countBy(connection: Connection, sql: string): Map<string, number> {
  const rows = connection.all<{ name: string; count: number }>(sql);
  return new Map(rows.map(({ name, count }) => [name, count]));
}

function move(
  counts: Map<string, number> | undefined,
  before: string | undefined,
  after: string,
): void {
  if (counts === undefined) return;
  if (before !== undefined) counts.set(before, (counts.get(before) ?? 0) - 1);
  counts.set(after, (counts.get(after) ?? 0) + 1);
}
