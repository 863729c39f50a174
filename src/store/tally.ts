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
  /** A run has entered a state; `before` is undefined for one that was born. */
  run(before: StateType | undefined, after: StateType): void;
  delivery(before: DeliveryStatus | undefined, after: DeliveryStatus): void;
  /** Rows were deleted: everything is counted again when next asked for. */
  forget(): void;
}

export function createTally(): Tally {
  let counts: { runs: Map<string, number>; deliveries: Map<string, number> } | undefined;
  return {
    read(connection) {
      counts ??= {
        runs: countBy(
          connection,
          "SELECT state_type AS name, count(*) AS count FROM run GROUP BY 1",
        ),
        deliveries: countBy(
          connection,
          "SELECT status AS name, count(*) AS count FROM delivery GROUP BY 1",
        ),
      };
      return {
        runs: Object.fromEntries([...counts.runs].filter(([, count]) => count > 0)),
        deliveries: {
          pending: 0,
          delivered: 0,
          retrying: 0,
          dead: 0,
          ...Object.fromEntries(counts.deliveries),
        },
      };
    },
    run: (before, after) => move(counts?.runs, before, after),
    delivery: (before, after) => move(counts?.deliveries, before, after),
    forget() {
      counts = undefined;
    },
  };
}

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
