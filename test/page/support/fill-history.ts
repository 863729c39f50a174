import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { BootId } from "../../../src/domain/ids.ts";
import { uuidv7 } from "../../../src/domain/ids.ts";
import { instant } from "../../../src/domain/instant.ts";
import { readableName } from "../../../src/domain/readable-name.ts";
import { bootOf } from "../../../src/store/boot-store.ts";
import type { Connection } from "../../../src/store/connection.ts";
import { openStore } from "../../../src/store/open-store.ts";

/** A flow as it might have gone for a while. */
export interface PastFlow {
  readonly name: string;
  readonly runs: number;
  readonly everyMs?: number;
  readonly tookMs?: number;
  /** Every so many runs one failed. */
  readonly failsEach?: number;
}

export interface History {
  readonly flows: readonly PastFlow[];
  readonly now: number;
}

const HOUR_MS = 3_600_000;
const WHY = "shop 7 does not answer: connect ECONNREFUSED";

/** Writes runs that are over into a store that no daemon holds yet. The same for the same request. */
export function fillHistory(path: string, { flows, now }: History): void {
  mkdirSync(dirname(path), { recursive: true });
  const boot = bootOf(uuidv7(instant(now)) as BootId, "history", instant(now));
  const store = openStore({ path, boot, self: [process.execPath, "src/main.ts"], visits: true });
  const runs = flows
    .flatMap((flow, place) => pastRuns({ flow, place, now }))
    .toSorted((one, other) => one.at - other.at);
  void store.write((connection) => {
    for (const run of runs) saveRun(connection, store.numbers.take("run"), run);
  });
  void store.close(instant(now));
}

interface PastRun {
  readonly flow: string;
  readonly isBad: boolean;
  readonly at: number;
  readonly took: number;
}

interface Past {
  readonly flow: PastFlow;
  readonly place: number;
  readonly now: number;
}

function pastRuns({ flow, place, now }: Past): readonly PastRun[] {
  const { name, runs, everyMs = HOUR_MS, tookMs = 900, failsEach } = flow;
  return Array.from({ length: runs }, (_, ago) => ({
    flow: name,
    isBad: failsEach !== undefined && (ago + place) % failsEach === 0,
    at: Math.floor(now / everyMs) * everyMs - ago * everyMs - place,
    took: Math.round(tookMs * (0.7 + wobble(place * 31 + ago * 17))),
  }));
}

function saveRun(connection: Connection, no: number, { flow, isBad, at, took }: PastRun): void {
  const [type, name] = isBad ? ["FAILED", "Failed"] : ["COMPLETED", "Completed"];
  const message = isBad ? WHY : "";
  connection.run(INSERT, [
    ...[no, uuidv7(instant(at)), readableName(no), flow, 4, type, name, message, at + took],
    ...[1, isBad ? 1 : 0, 0, "{}", "[]", 1, 0, 0, at, at, at + took],
  ]);
  connection.run(TRANSITION, [no, 1, type, name, message, at + took]);
}

/** Between 0 and 1, the same for the same number. */
function wobble(seed: number): number {
  const wave = Math.sin(seed * 12.9898) * 43_758.5453;
  return wave - Math.floor(wave);
}

const INSERT = `INSERT INTO run (no, id, name, flow, rev, state_type, state_name, message, state_at,
  attempt, failures, crashes, parameters, tags, generation, exclusive, priority, created_at, started_at, ended_at)
  VALUES (${Array.from({ length: 20 }, () => "?").join(", ")})`;
const TRANSITION =
  "INSERT INTO transition (run_no, attempt, type, name, message, at) VALUES (?, ?, ?, ?, ?, ?)";
