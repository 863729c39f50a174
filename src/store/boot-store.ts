import { hostname } from "node:os";
import type { BootId } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import type { Connection } from "./connection.ts";

/** Who holds the store: one life of a daemon. */
export interface Boot {
  readonly id: BootId;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly startedAt: Instant;
}

/** When the daemon before this one was last known to live, and whether it said goodbye. */
export interface PreviousBoot {
  readonly lastSeenAt: Instant;
  readonly clean: boolean;
}

export function findPreviousBoot(connection: Connection, own: BootId): PreviousBoot | undefined {
  const [row] = connection.all<{ heartbeat_at: number; ended_at: number | null }>(
    "SELECT heartbeat_at, ended_at FROM boot WHERE id <> ? ORDER BY no DESC LIMIT 1",
    [own],
  );
  if (row === undefined) return undefined;
  return {
    lastSeenAt: (row.ended_at ?? row.heartbeat_at) as Instant,
    clean: row.ended_at !== null,
  };
}

export function insertBoot(connection: Connection, boot: Boot): void {
  connection.run(
    "INSERT INTO boot (id, pid, host, version, started_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?)",
    [boot.id, boot.pid, boot.host, boot.version, boot.startedAt, boot.startedAt],
  );
}

export function beat(connection: Connection, id: BootId, now: Instant): void {
  connection.run("UPDATE boot SET heartbeat_at = ? WHERE id = ?", [now, id]);
}

export function endBoot(connection: Connection, id: BootId, now: Instant): void {
  connection.run("UPDATE boot SET heartbeat_at = ?, ended_at = ? WHERE id = ?", [now, now, id]);
}

/** A boot record for this process. */
export function bootOf(id: Boot["id"], version: string, startedAt: Instant): Boot {
  return { id, pid: process.pid, host: hostname(), version, startedAt };
}
