import type { Connection } from "../../../src/store/connection.ts";

/** Counts the transactions that are made on a connection from now on. */
export function countCommits(connection: Connection): { count: number } {
  const seen = { count: 0 };
  const transaction = connection.transaction.bind(connection);
  connection.transaction = (body) => {
    seen.count += 1;
    return transaction(body);
  };
  return seen;
}
