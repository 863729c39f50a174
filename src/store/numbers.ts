import type { Connection } from "./connection.ts";

const COLUMNS = {
  run: "no",
  task_run: "no",
  transition: "seq",
  delivery: "no",
  hook: "no",
  log: "no",
  decision: "no",
} as const;

export type Numbered = keyof typeof COLUMNS;

/**
 * Hands out row numbers. There is one writer, so it may count in memory: rows of several tables can name
 * each other before any of them is saved. A number whose row was refused stays unused.
 */
export interface Numbers {
  take(table: Numbered): number;
}

export function numbersOf(connection: Connection): Numbers {
  const last = new Map<Numbered, number>();
  for (const [table, column] of Object.entries(COLUMNS) as [Numbered, string][]) {
    const [row] = connection.all<{ last: number | null }>(
      `SELECT max(${column}) AS last FROM ${table}`,
    );
    last.set(table, row?.last ?? 0);
  }
  return {
    take(table) {
      const next = (last.get(table) ?? 0) + 1;
      last.set(table, next);
      return next;
    },
  };
}
