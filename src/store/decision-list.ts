import { type DecisionView, decisionView } from "../domain/decision.ts";
import type { Bindable } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { decisionOfRow } from "./due-deliveries.ts";
import type { DecisionQuery, Page } from "./run-history.ts";
import type { DecisionTable } from "./tables.ts";

/** Filters are held against at most so many rows for one page; the next goes on from there. */
const LOOKED_AT_MAX = 20_000;

/** Decisions newest first, a page at a time. */
export function pageDecisions(reader: Connection, query: DecisionQuery): Page<DecisionView> {
  const { limit, cursor = Number.MAX_SAFE_INTEGER } = query;
  const rest = restOf(query);
  const rows = reader.all<DecisionTable>(
    `SELECT d.* FROM (${WINDOW}) w CROSS JOIN decision d ON d.no = w.no WHERE ${rest.where} LIMIT ?`,
    [cursor, ...rest.parameters, limit + 1],
  );
  const found = rows.slice(0, limit);
  const items = found.map((row) => decisionView(decisionOfRow(row)));
  const next = rows.length > limit ? found.at(-1)?.no : endOfWindow(reader, cursor);
  return next === undefined ? { items } : { items, next };
}

const WINDOW = `SELECT no FROM decision WHERE no < ? ORDER BY no DESC LIMIT ${LOOKED_AT_MAX}`;

function endOfWindow(reader: Connection, cursor: number): number | undefined {
  const [looked] = reader.all<{ count: number; end: number | null }>(
    `SELECT count(*) AS count, min(no) AS end FROM (${WINDOW})`,
    [cursor],
  );
  return looked?.count === LOOKED_AT_MAX ? (looked.end ?? undefined) : undefined;
}

function restOf({ flow, kind, since, until }: DecisionQuery) {
  const tests: (readonly [sql: string, parameter: Bindable | undefined])[] = [
    ["d.flow = ?", flow],
    ["d.kind = ?", kind],
    ["d.decided_at >= ?", since],
    ["d.decided_at < ?", until],
  ];
  const asked = tests.filter(([, parameter]) => parameter !== undefined);
  return {
    where: ["true", ...asked.map(([sql]) => sql)].join(" AND "),
    parameters: asked.map(([, parameter]) => parameter),
  };
}
