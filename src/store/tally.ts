import type { DeliveryStatus } from "../domain/delivery.ts";
import type { StateType } from "../domain/state.ts";
import type { Connection } from "./connection.ts";
import type { Counts } from "./run-history.ts";
import { beginCounting, type Counted, type Counting, countAtOnce } from "./tally-count.ts";

/**
 * How many runs are in each state and deliveries in each status. Counted once, when first asked for, and
 * kept up to date by what is committed: with a million rows a count takes longer than anybody should wait.
 */
export interface Tally {
  /** Counts in small steps, so that nobody else waits meanwhile; at once where it is counted already. */
  ready(connection: Connection): Promise<void>;
  /** Counts the rest at once where that has not come to its end. */
  read(connection: Connection): Counts;
  /** How many deliveries of each hook, by its number, are in each status. */
  readHooks(connection: Connection): ReadonlyMap<number, DeliveryCounts>;
  /** A run has entered a state; `before` is undefined for one that was born. */
  run(before: StateType | undefined, after: StateType): void;
  delivery(hookNo: number, before: DeliveryStatus | undefined, after: DeliveryStatus): void;
  /** Rows were deleted. */
  gone(rows: GoneRows): void;
  /** Rows were deleted, nobody knows which: everything is counted again when next asked for. */
  forget(): void;
}

/** Deliveries by status; a status without any is left out. */
export type DeliveryCounts = Readonly<Partial<Record<DeliveryStatus, number>>>;

export interface GoneRows {
  readonly runs: readonly { readonly state: string }[];
  readonly deliveries: readonly { readonly hookNo: number; readonly status: string }[];
}

/** `quiet` is called before anything is counted: what is committed must have been told of then. */
export function createTally(quiet: () => void = () => {}): Tally {
  let counted: Counted | undefined;
  let under: Counting | undefined;
  const finish = (counting: Counting) => {
    if (under !== counting) return;
    counted = counting.end();
    under = undefined;
  };
  const count = (connection: Connection): Counted => {
    if (under !== undefined) finish(under);
    if (counted === undefined) quiet();
    counted ??= countAtOnce(connection);
    return counted;
  };
  const target = () => counted ?? under?.moved;
  const move = (of: keyof Counted, name: string, by: 1 | -1) => {
    const counts = target()?.[of];
    counts?.set(name, (counts.get(name) ?? 0) + by);
  };
  return {
    async ready(connection) {
      if (counted !== undefined) return;
      if (under === undefined) quiet();
      under ??= beginCounting(connection.path);
      const counting = under;
      while (under === counting && !counting.step()) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      finish(counting);
    },
    read(connection) {
      const { runs, deliveries } = count(connection);
      return {
        runs: Object.fromEntries([...runs].filter(([, count]) => count > 0)),
        deliveries: sumsOf(deliveries),
      };
    },
    readHooks: (connection) => countsByHook(count(connection).deliveries),
    run(before, after) {
      if (before !== undefined) move("runs", before, -1);
      move("runs", after, 1);
    },
    delivery(hookNo, before, after) {
      if (before !== undefined) move("deliveries", `${hookNo} ${before}`, -1);
      move("deliveries", `${hookNo} ${after}`, 1);
    },
    gone({ runs, deliveries }) {
      for (const { state } of runs) move("runs", state, -1);
      for (const { hookNo, status } of deliveries) move("deliveries", `${hookNo} ${status}`, -1);
    },
    forget() {
      under?.close();
      under = undefined;
      counted = undefined;
    },
  };
}

function sumsOf(deliveries: ReadonlyMap<string, number>): Counts["deliveries"] {
  const sums = { pending: 0, delivered: 0, retrying: 0, dead: 0, dropped: 0 };
  for (const { status, count } of byHook(deliveries)) sums[status] += count;
  return sums;
}

function countsByHook(
  deliveries: ReadonlyMap<string, number>,
): ReadonlyMap<number, DeliveryCounts> {
  const all = byHook(deliveries).filter(({ count }) => count > 0);
  return new Map(
    [...Map.groupBy(all, ({ hookNo }) => hookNo)].map(([hookNo, counts]) => [
      hookNo,
      Object.fromEntries(counts.map(({ status, count }) => [status, count])),
    ]),
  );
}

function byHook(deliveries: ReadonlyMap<string, number>) {
  return [...deliveries].map(([name, count]) => {
    const [hookNo, status] = name.split(" ");
    return { hookNo: Number(hookNo), status: status as DeliveryStatus, count };
  });
}
