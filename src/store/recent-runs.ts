import { type Instant, isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { isTerminal, type StateType } from "../domain/state.ts";
import type { Connection } from "./connection.ts";
import { runOfRow } from "./rows.ts";
import type { OutcomeBin, OutcomeQuery, Outcomes, RecentRunView } from "./run-history.ts";
import { noBeside } from "./run-list.ts";
import type { RunTable } from "./tables.ts";

interface RecentRow {
  readonly id: string;
  readonly state_type: string;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

/** The newest runs of one flow, newest first: as many rows are read as are asked for. */
export function recentRuns(
  reader: Connection,
  flow: string,
  limit: number,
): readonly RecentRunView[] {
  const rows = reader.all<RecentRow>(
    "SELECT id, state_type, created_at, started_at, ended_at FROM run WHERE flow = ? ORDER BY no DESC LIMIT ?",
    [flow, limit],
  );
  return rows.map(recentRunView);
}

/** One that is open again has an end from before: that is not how long it took. */
function recentRunView({ id, state_type, created_at, started_at, ended_at }: RecentRow) {
  const state = state_type as StateType;
  const end = isTerminal(state) ? ended_at : null;
  return {
    id,
    state,
    at: isoOf((started_at ?? created_at) as Instant),
    ...(started_at === null ? {} : { tookMs: Math.max(0, (end ?? started_at) - started_at) }),
    ...(end === null ? { open: true as const } : {}),
  };
}

/** A clock may be put back a little. */
const SLACK = 1_000;

interface BinRow {
  readonly bin: number;
  readonly state_type: StateType;
  readonly count: number;
}

/**
 * How the runs of a flow ended over time. Only the newest `runsMax` of it are looked at, so that a flow with a
 * million runs costs no more than others; where that was not enough, it says from when on it counted.
 */
export function outcomesOf(reader: Connection, flow: string, query: OutcomeQuery): Outcomes {
  const { since, everyMs, runsMax } = query;
  // An id begins with its time, and numbers follow time nearly: older runs need not be looked at.
  const from = (noBeside(reader, "FROM", since) ?? Number.MAX_SAFE_INTEGER) - SLACK;
  const rows = reader.all<BinRow>(BINS, [flow, runsMax, everyMs, since, from]);
  const [first] = reader.all<{ created_at: number }>(
    "SELECT created_at FROM run WHERE flow = ? ORDER BY no DESC LIMIT 1 OFFSET ?",
    [flow, runsMax],
  );
  const isCut = first !== undefined && first.created_at >= since;
  return {
    flow,
    bins: [...Map.groupBy(rows, ({ bin }) => bin)].map(([bin, counts]): OutcomeBin => {
      const at = isoOf((bin * everyMs) as Instant);
      return {
        at,
        runs: Object.fromEntries(counts.map(({ state_type, count }) => [state_type, count])),
      };
    }),
    ...(isCut ? { countedFrom: isoOf(first.created_at as Instant) } : {}),
  };
}

const BINS = `
  SELECT CAST(created_at / ?3 AS INTEGER) AS bin, state_type, count(*) AS count
  FROM (SELECT created_at, state_type FROM run WHERE flow = ?1 AND no >= ?5 ORDER BY no DESC LIMIT ?2)
  WHERE created_at >= ?4 GROUP BY 1, 2 ORDER BY 1`;

/**
 * The newest run of each flow that has one. From flow to flow by the index: to group a million runs takes longer
 * than anybody should wait.
 */
export function latestRuns(reader: Connection): ReadonlyMap<string, Run> {
  const rows = reader.all<RunTable>(LATEST);
  return new Map(rows.map((row) => [row.flow, runOfRow(row)]));
}

const LATEST = `
  WITH RECURSIVE known(flow) AS (
    SELECT (SELECT flow FROM run ORDER BY flow LIMIT 1)
    UNION ALL
    SELECT (SELECT r.flow FROM run r WHERE r.flow > known.flow ORDER BY r.flow LIMIT 1) FROM known WHERE known.flow IS NOT NULL
  )
  SELECT r.* FROM known CROSS JOIN run r ON r.no = (SELECT max(n.no) FROM run n WHERE n.flow = known.flow)
  WHERE known.flow IS NOT NULL`;
