import { decisionView } from "../domain/decision.ts";
import type { DeliveryStatus, Exchange } from "../domain/delivery.ts";
import type { LogLevel, LogLine } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { ExchangeView } from "../domain/trial.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { pageNumbers, type Reading } from "./delivery-pages.ts";
import { decisionOfRow } from "./due-deliveries.ts";
import { present } from "./rows.ts";
import type {
  DeliveryAttemptView,
  DeliveryEntry,
  DeliveryFilter,
  DeliveryView,
  Page,
  PageQuery,
} from "./run-history.ts";
import type { DecisionTable, DeliveryAttemptTable, DeliveryTable } from "./tables.ts";

const PREFIX_MIN = 6;
const ID_PREFIX = /^[0-9a-f][0-9a-f-]+$/;

/** Deliveries newest first, without their attempts. */
export function pageDeliveries(
  reading: Reading,
  { cursor, limit, ...filter }: DeliveryFilter & PageQuery,
): Page<DeliveryEntry> {
  const from = cursor === undefined ? {} : { cursor };
  const { nos, ...next } = pageNumbers(reading, { filter, order: "newest", limit, ...from });
  const rows = rowsWith(reading.reader, "d.no IN (SELECT value FROM json_each(?))", rowsJson(nos));
  return { items: rows.reverse().map(entryOf), ...next };
}

/** A run's deliveries in the order in which they were written, each with its attempts. */
export function deliveriesOfRun(reader: Connection, runNo: number): readonly DeliveryView[] {
  return withAttempts(reader, rowsWith(reader, "d.run_no = ?", runNo));
}

/** The delivery that an id, or the first characters of one, means. */
export function findDelivery(
  reader: Connection,
  reference: string,
): DeliveryView | "ambiguous" | undefined {
  const id = reference.toLowerCase();
  if (id.length < PREFIX_MIN || !ID_PREFIX.test(id)) return undefined;
  const [first, second] = reader.all<{ no: number }>(
    "SELECT no FROM delivery WHERE id >= ? AND id < ? LIMIT 2",
    [id, `${id}g`],
  );
  if (second !== undefined) return "ambiguous";
  if (first === undefined) return undefined;
  return withAttempts(reader, rowsWith(reader, "d.no = ?", first.no))[0];
}

interface EntryRow extends DeliveryTable {
  readonly key: string;
  readonly run_id: string | null;
  readonly run_name: string | null;
  readonly flow: string | null;
  readonly task: string | null;
  readonly task_run: string | null;
  readonly last_error: string | null;
  /** The decision as JSON, if it tells of one. */
  readonly decision: string | null;
}

/** In the order of their numbers. */
function rowsWith(reader: Connection, where: string, parameter: string | number): EntryRow[] {
  return reader.all<EntryRow>(`${ENTRIES} WHERE ${where} ORDER BY d.no`, [parameter]);
}

const ENTRIES = `
  SELECT d.*, h.key, r.id AS run_id, r.name AS run_name, coalesce(r.flow, c.flow) AS flow, k.task, k.id AS task_run,
    (SELECT a.error->>'$.message' FROM delivery_attempt a WHERE a.delivery_no = d.no AND a.attempt = d.attempts) AS last_error,
    CASE WHEN c.no IS NOT NULL THEN json_object('flow', c.flow, 'schedule_key', c.schedule_key, 'due_at', c.due_at,
      'kind', c.kind, 'reason', c.reason, 'blocked_by', c.blocked_by, 'decided_at', c.decided_at) END AS decision
  FROM delivery d
  CROSS JOIN hook h ON h.no = d.hook_no
  LEFT JOIN run r ON r.no = d.run_no
  LEFT JOIN transition t ON t.seq = d.seq
  LEFT JOIN task_run k ON k.no = t.task_no
  LEFT JOIN decision c ON c.no = d.decision_no`;

function entryOf(row: EntryRow): DeliveryEntry {
  const iso = (ms: number | null) => (ms === null ? null : isoOf(ms as Instant));
  return {
    id: row.id,
    hook: row.key,
    flow: row.flow ?? "",
    ...present("run", row.run_id),
    ...present("runName", row.run_name),
    ...present("task", row.task),
    ...present("taskRun", row.task_run),
    ...(row.decision === null
      ? {}
      : { decision: decisionView(decisionOfRow(JSON.parse(row.decision) as DecisionTable)) }),
    moment: row.moment,
    status: row.status as DeliveryStatus,
    attemptsMade: row.attempts,
    replays: row.replays,
    createdAt: isoOf(row.created_at as Instant),
    ...present("nextAttemptAt", iso(row.due_at)),
    ...present("endedAt", iso(row.ended_at)),
    ...present("reason", row.reason),
    ...present("lastError", row.last_error),
  };
}

function withAttempts(reader: Connection, rows: readonly EntryRow[]): readonly DeliveryView[] {
  const attempts = reader.all<DeliveryAttemptTable>(ATTEMPTS, [rowsJson(rows.map(({ no }) => no))]);
  const byDelivery = Map.groupBy(attempts, ({ delivery_no }) => delivery_no);
  return rows.map((row) => ({
    ...entryOf(row),
    attempts: (byDelivery.get(row.no) ?? []).map(attemptView),
  }));
}

const ATTEMPTS =
  "SELECT * FROM delivery_attempt WHERE delivery_no IN (SELECT value FROM json_each(?)) ORDER BY delivery_no, attempt";

function attemptView(row: DeliveryAttemptTable): DeliveryAttemptView {
  const lines = row.log === null ? [] : (JSON.parse(row.log) as readonly LogLine[]);
  return {
    attempt: row.attempt,
    startedAt: isoOf(row.started_at as Instant),
    endedAt: isoOf(row.ended_at as Instant),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as ErrorInfo }),
    log: lines.map(({ at, level, text }): { at: string; level: LogLevel; text: string } => ({
      at: isoOf(at),
      level,
      text,
    })),
    ...(row.exchanges === null
      ? {}
      : { exchanges: (JSON.parse(row.exchanges) as readonly Exchange[]).map(exchangeView) }),
  };
}

function exchangeView({ startedAt, endedAt, ...exchange }: Exchange): ExchangeView {
  return { ...exchange, startedAt: isoOf(startedAt), endedAt: isoOf(endedAt) };
}
