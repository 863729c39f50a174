import type { DeliveryStatus } from "../domain/delivery.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { DeliveryNews, NewsQuery, NewsSource, TransitionNews } from "../domain/news.ts";
import { stateView } from "../domain/run-view.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { present, stateOfRow } from "./rows.ts";

/** Reads news in the order of its numbers, so that a page costs the same wherever it begins. */
export function newsOf(reader: Connection): NewsSource {
  return {
    lastSeq() {
      const [row] = reader.all<{ last: number | null }>("SELECT max(seq) AS last FROM transition");
      return row?.last ?? 0;
    },
    lastLine(runNo) {
      const [row] = reader.all<{ last: number | null }>(LAST_LINE, [runNo]);
      return row?.last ?? 0;
    },
    transitionsAfter: (query) => transitionsAfter(reader, query),
    deliveries: (nos) =>
      nos.length === 0
        ? []
        : reader.all<DeliveryRow>(DELIVERIES, [rowsJson(nos)]).map(deliveryNews),
  };
}

interface TransitionRow {
  readonly seq: number;
  readonly attempt: number;
  readonly type: string;
  readonly state_name: string;
  readonly message: string;
  readonly at: number;
  readonly due_at: number | null;
  readonly error: string | null;
  readonly run: string;
  readonly run_name: string;
  readonly flow: string;
  readonly task_run: string | null;
  readonly task: string | null;
  readonly parent: string | null;
}

function transitionsAfter(
  reader: Connection,
  { after, limit, runNo }: NewsQuery,
): readonly TransitionNews[] {
  const ofRun = runNo === undefined ? "" : "t.run_no = ? AND";
  return reader
    .all<TransitionRow>(`${TRANSITIONS} WHERE ${ofRun} t.seq > ? ORDER BY t.seq LIMIT ?`, [
      ...(runNo === undefined ? [] : [runNo]),
      after,
      limit,
    ])
    .map(transitionNews);
}

const LAST_LINE = "SELECT max(no) AS last FROM log WHERE run_no = ?";

const TRANSITIONS = `
  SELECT t.seq, t.attempt, t.type, t.name AS state_name, t.message, t.at, t.due_at, t.error,
    r.id AS run, r.name AS run_name, r.flow, k.id AS task_run, k.task, k.parent
  FROM transition t CROSS JOIN run r ON r.no = t.run_no LEFT JOIN task_run k ON k.no = t.task_no`;

function transitionNews(row: TransitionRow): TransitionNews {
  const { type, state_name, message, at, due_at, error } = row;
  return {
    seq: row.seq,
    run: row.run,
    runName: row.run_name,
    flow: row.flow,
    attempt: row.attempt,
    state: stateView(
      stateOfRow({ state_type: type, state_name, message, state_at: at, due_at, error }),
    ),
    ...present("taskRun", row.task_run),
    ...present("task", row.task),
    ...present("parent", row.parent),
  };
}

interface DeliveryRow {
  readonly id: string;
  readonly hook: string;
  readonly moment: string;
  readonly status: string;
  readonly attempts: number;
  readonly due_at: number | null;
  readonly reason: string | null;
  readonly run: string | null;
  readonly run_name: string | null;
  readonly flow: string | null;
}

const DELIVERIES = `
  SELECT d.id, h.key AS hook, d.moment, d.status, d.attempts, d.due_at, d.reason,
    r.id AS run, r.name AS run_name, coalesce(r.flow, c.flow) AS flow
  FROM delivery d
  CROSS JOIN hook h ON h.no = d.hook_no
  LEFT JOIN run r ON r.no = d.run_no
  LEFT JOIN decision c ON c.no = d.decision_no
  WHERE d.no IN (SELECT value FROM json_each(?)) ORDER BY d.no`;

function deliveryNews(row: DeliveryRow): DeliveryNews {
  return {
    delivery: row.id,
    hook: row.hook,
    moment: row.moment,
    status: row.status as DeliveryStatus,
    attemptsMade: row.attempts,
    flow: row.flow ?? "",
    ...present("run", row.run),
    ...present("runName", row.run_name),
    ...present("nextAttemptAt", row.due_at === null ? null : isoOf(row.due_at as Instant)),
    ...present("reason", row.reason),
  };
}
