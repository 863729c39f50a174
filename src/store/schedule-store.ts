import type { Decision } from "../domain/decision.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import { type AfterCommit, NOTHING_AFTER } from "./shelves.ts";
import { type RunStep, type StepTools, saveSteps } from "./steps.ts";

/** How far a schedule has been dealt with: every due time up to here is a run or a decision. */
export interface Cursor {
  readonly flow: FlowName;
  readonly schedule: ScheduleKey;
  /** Changes when the schedule does: a changed schedule starts at now and never replays history. */
  readonly fingerprint: string;
  readonly at: Instant;
}

/** Due times that have been dealt with: their runs, decisions and cursors, in one transaction. */
export interface DealtDues {
  readonly steps: readonly RunStep[];
  readonly decisions: readonly Decision[];
  readonly cursors: readonly Cursor[];
  readonly settle: () => void;
}

export function listCursors(connection: Connection): readonly Cursor[] {
  return connection
    .all<{ flow: string; key: string; fingerprint: string; cursor: number }>(
      "SELECT flow, key, fingerprint, cursor FROM schedule",
    )
    .map((row) => ({
      flow: row.flow as FlowName,
      schedule: row.key as ScheduleKey,
      fingerprint: row.fingerprint,
      at: row.cursor as Instant,
    }));
}

export function saveDues(
  connection: Connection,
  dues: readonly DealtDues[],
  tools: StepTools,
): AfterCommit {
  const runs = saveSteps(
    connection,
    dues.flatMap(({ steps }) => steps),
    tools,
  );
  const decided = saveDecisions(
    connection,
    dues.flatMap(({ decisions }) => decisions),
    tools,
  );
  saveCursors(
    connection,
    dues.flatMap(({ cursors }) => cursors),
  );
  return {
    remember() {
      runs.remember?.();
      decided.remember?.();
    },
    tell() {
      runs.tell();
      decided.tell();
      for (const { settle } of dues) settle();
    },
  };
}

/** Saves those whose due time has neither one nor a run yet, with the deliveries they ring. */
function saveDecisions(
  connection: Connection,
  decisions: readonly Decision[],
  { numbers, hooks, deliveries }: StepTools,
): AfterCommit {
  if (decisions.length === 0) return NOTHING_AFTER;
  const byNo = new Map(decisions.map((decision) => [numbers.take("decision"), decision]));
  const rows = [...byNo].map(([no, decision]) => [
    no,
    decision.flow,
    decision.schedule,
    decision.dueAt,
    decision.kind,
    decision.reason,
    decision.blockedBy ?? null,
    decision.decidedAt,
  ]);
  const saved = connection.all<{ no: number }>(INSERT_DECISIONS, [rowsJson(rows)]);
  const book = hooks();
  const rung = saved.flatMap(({ no: decisionNo }) => {
    const decision = byNo.get(decisionNo);
    if (decision === undefined) return [];
    const about = { decisionNo };
    return book.ofDecision(decision).map((ring) => ({ ring, about, at: decision.decidedAt }));
  });
  return deliveries.insert(connection, rung);
}

export function saveCursors(connection: Connection, cursors: readonly Cursor[]): void {
  if (cursors.length === 0) return;
  const rows = cursors.map(({ flow, schedule, fingerprint, at }) => [
    flow,
    schedule,
    fingerprint,
    at,
  ]);
  connection.run(UPSERT_CURSORS, [rowsJson(rows)]);
}

const INSERT_DECISIONS = `
  INSERT INTO decision (no, flow, schedule_key, due_at, kind, reason, blocked_by, decided_at)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7
  FROM json_each(?) AS j WHERE NOT EXISTS
    (SELECT 1 FROM run WHERE flow = j.value->>1 AND schedule_key = j.value->>2 AND scheduled_for = j.value->>3)
  ON CONFLICT DO NOTHING RETURNING no`;

const UPSERT_CURSORS = `
  INSERT INTO schedule (flow, key, fingerprint, cursor)
  SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3 FROM json_each(?) AS j WHERE true
  ON CONFLICT (flow, key) DO UPDATE SET fingerprint = excluded.fingerprint, cursor = excluded.cursor`;

/** Forgets the cursors of schedules that the config no longer has: if they come back, they start at now. */
export function dropOtherCursors(
  connection: Connection,
  kept: readonly { readonly flow: string; readonly schedule: string }[],
): void {
  connection.run(
    // Not with a join: the list would be gone through once per row.
    "DELETE FROM schedule WHERE (flow, key) NOT IN (SELECT j.value->>0, j.value->>1 FROM json_each(?) AS j)",
    [rowsJson(kept.map(({ flow, schedule }) => [flow, schedule]))],
  );
}

/** Which of these due times of a schedule have a run. */
export function duesWithRun(
  connection: Connection,
  { flow, schedule }: Pick<Cursor, "flow" | "schedule">,
  dues: readonly Instant[],
): ReadonlySet<Instant> {
  const rows = connection.all<{ due: number }>(
    `SELECT scheduled_for AS due FROM run WHERE flow = ? AND schedule_key = ?
       AND scheduled_for IN (SELECT value FROM json_each(?))`,
    [flow, schedule, rowsJson(dues)],
  );
  return new Set(rows.map(({ due }) => due as Instant));
}
