import type { Kysely } from "kysely";
import type { DeliveryStatus } from "../domain/delivery.ts";
import type { LogLevel, LogLine } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import { type Instant, isoOf } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import { present } from "./rows.ts";
import type { DeliveryAttemptView, DeliveryView } from "./run-history.ts";
import type { DeliveryAttemptTable, Tables } from "./tables.ts";

/** A run's deliveries in the order in which they were written, each with its attempts. */
export async function deliveriesOf(db: Kysely<Tables>, run: Run): Promise<readonly DeliveryView[]> {
  const deliveries = await db
    .selectFrom("delivery as d")
    .innerJoin("hook as h", "h.no", "d.hook_no")
    .selectAll("d")
    .select("h.key")
    .where("d.run_no", "=", run.no)
    .orderBy("d.no")
    .execute();
  const attempts = await db
    .selectFrom("delivery_attempt")
    .selectAll()
    .where("delivery_no", "in", (sub) =>
      sub.selectFrom("delivery").select("no").where("run_no", "=", run.no),
    )
    .orderBy("attempt")
    .execute();
  const byDelivery = Map.groupBy(attempts, (attempt) => attempt.delivery_no);
  return deliveries.map((row) => ({
    id: row.id,
    hook: row.key,
    run: run.id,
    moment: row.moment,
    status: row.status as DeliveryStatus,
    attempts: (byDelivery.get(row.no) ?? []).map(attemptView),
    createdAt: isoOf(row.created_at as Instant),
    ...(row.due_at === null ? {} : { nextAttemptAt: isoOf(row.due_at as Instant) }),
    ...present("reason", row.reason),
  }));
}

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
  };
}
