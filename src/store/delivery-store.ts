import type { DeliveryStatus, Exchange } from "../domain/delivery.ts";
import type { LogLine } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { type Row, rowWriter } from "./insert-rows.ts";
import type { AfterCommit } from "./shelves.ts";
import type { StepTools } from "./steps.ts";

/** What became of a delivery: after an attempt, or without one. */
export interface DeliveryResult {
  readonly no: number;
  readonly hookNo: number;
  readonly before: DeliveryStatus;
  readonly status: DeliveryStatus;
  /** Attempts made, with this one. */
  readonly attempts: number;
  readonly at: Instant;
  /** When the next attempt is due, if there is to be one. */
  readonly dueAt?: Instant;
  /** Why it is dead or dropped. */
  readonly reason?: string;
  /** Undefined where none was made. */
  readonly attempt?: AttemptRecord;
  readonly settle: () => void;
}

/** One attempt, as it is kept. */
export interface AttemptRecord {
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly error?: ErrorInfo;
  readonly log: readonly LogLine[];
  readonly exchanges?: readonly Exchange[];
}

/** Records attempts and what follows from them, inside the caller's transaction. */
export function saveDeliveryResults(
  connection: Connection,
  results: readonly DeliveryResult[],
  { tally, watchers }: Pick<StepTools, "tally" | "watchers">,
): AfterCommit {
  const rows = results.map(({ no, attempts, status, dueAt, reason, at }) => [
    no,
    attempts,
    status,
    dueAt ?? null,
    reason ?? null,
    at,
  ]);
  connection.run(UPDATE_DELIVERIES, [rowsJson(rows)]);
  insertAttempts(connection, results.flatMap(attemptRow));
  return {
    tell() {
      for (const { no, hookNo, before, status, settle } of results) {
        tally.delivery(hookNo, before, status);
        watchers.deliveryMoved(no, status);
        settle();
      }
    },
  };
}

function attemptRow({ no, attempts, attempt }: DeliveryResult): readonly Row[] {
  if (attempt === undefined) return [];
  const { startedAt, endedAt, error, log, exchanges = [] } = attempt;
  const json = (list: readonly unknown[]) => (list.length === 0 ? null : JSON.stringify(list));
  const why = error === undefined ? null : JSON.stringify(error);
  return [[no, attempts, startedAt, endedAt, why, json(log), json(exchanges)]];
}

const UPDATE_DELIVERIES = `
  UPDATE delivery SET attempts = j.value->>1, status = j.value->>2, due_at = j.value->>3, reason = j.value->>4,
    ended_at = CASE WHEN j.value->>3 IS NULL THEN j.value->>5 END
  FROM json_each(?) AS j WHERE delivery.no = j.value->>0`;

const insertAttempts = rowWriter(
  "delivery_attempt",
  ["delivery_no", "attempt", "started_at", "ended_at", "error", "log", "exchanges"],
  "ON CONFLICT DO NOTHING",
);
